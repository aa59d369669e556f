package mastodon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"snsbridge/src/durable"
)

// Token is what a setting TOKEN leads to.
type Token struct {
	Token   string
	BaseURL string // as the file says, "" if it does not
	Warning string // for a person: what should be done about the file
}

const tokenMax = 16 << 10 // bytes; Pixelfed's have about a thousand

// ReadToken reads a setting that is a token or names a file, relative
// to folder. The file is what Mastodon.py writes, and so the login program of
// the known Flask implementation: the token, the server's address, in newer
// versions the client's id and secret, a line each.
func ReadToken(value, folder string) (Token, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return Token{}, errors.New("TOKEN is empty")
	}
	name := value
	if !filepath.IsAbs(name) {
		name = filepath.Join(folder, name)
	}
	f, err := os.Open(name)
	switch {
	case err == nil:
		defer f.Close()
		return readTokenFile(f)
	case strings.ContainsAny(value, "/ \t\r\n") || len(value) < 24:
		// No server's token looks like that.
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("there is no file %s", name)
		}
		return Token{}, fmt.Errorf("TOKEN: %w", err)
	}
	return Token{Token: value}, nil
}

func readTokenFile(f *os.File) (Token, error) {
	fi, err := f.Stat()
	if err != nil {
		return Token{}, err
	}
	if !fi.Mode().IsRegular() {
		return Token{}, fmt.Errorf("TOKEN: %s is not a file", f.Name())
	}
	b, err := io.ReadAll(io.LimitReader(f, tokenMax))
	if err != nil {
		return Token{}, err
	}
	lines := strings.Split(strings.TrimPrefix(string(b), "\uFEFF"), "\n")
	t := Token{Token: strings.TrimSpace(lines[0])}
	if t.Token == "" || strings.ContainsFunc(t.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Token{}, fmt.Errorf("TOKEN: the first line of %s is not a token", f.Name())
	}
	if len(lines) > 1 {
		// Another tool's second line may be anything.
		if u, err := URL(lines[1]); err == nil && strings.Contains(lines[1], "://") {
			t.BaseURL = u
		}
	}
	if mode := fi.Mode().Perm(); mode&0o077 != 0 {
		t.Warning = fmt.Sprintf("others can read the token in %s: chmod 600 it", f.Name())
	}
	return t, nil
}

// WriteToken writes a file that ReadToken and Mastodon.py read. It is never
// there half, and never readable by others.
func WriteToken(name, token, baseURL string) error {
	return durable.WriteFile(name, []byte(token+"\n"+baseURL+"\n"))
}
