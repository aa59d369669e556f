package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"snsbridge/src/spool"
)

// searchPath is where commands, and what they call, are looked for.
var searchPath = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// usable returns the program to be started, unless the settings forbid it.
func (s *Command) usable() (string, error) {
	if len(s.Args) == 0 || s.Args[0] == "" {
		return "", settingsError(errors.New("there is no command"), "Set CMD: a program and its words, such as /usr/bin/logger and {filename}.")
	}
	if w := scriptWord(s.Args); w != "" {
		return "", settingsError(fmt.Errorf("the command has %s in a script for a shell, which would run what somebody types on a camera", w),
			fmt.Sprintf(`Write "$SNSBRIDGE_%s" there instead, with the quotes.`, strings.ToUpper(strings.Trim(w, "{}"))))
	}
	if fi, err := os.Stat(s.dir()); err != nil || !fi.IsDir() {
		return "", settingsError(fmt.Errorf("there is no folder %s to run the command in", s.dir()), "Make it again.")
	}
	return s.program()
}

// program finds the program: by its path, as seen from Dir, or by its name in
// the system's folders, then in Dir.
func (s *Command) program() (string, error) {
	name := s.Args[0]
	places := []string{s.dir()}
	switch {
	case filepath.IsAbs(name):
		places = []string{"/"}
	case !strings.Contains(name, "/"):
		places = append(searchPath[:len(searchPath):len(searchPath)], s.dir())
	}
	var err error
	for _, dir := range places {
		file := filepath.Join(dir, name)
		_, ferr := exec.LookPath(file)
		if ferr == nil {
			return file, nil
		}
		if err == nil || !errors.Is(ferr, fs.ErrNotExist) {
			err = ferr
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", settingsError(fmt.Errorf("there is no command %s", name), "Correct CMD, or put the command there.")
	}
	return "", settingsError(fmt.Errorf("cannot run the command: %w", err), "Make it executable: chmod +x, on a file system that allows it.")
}

// dir returns Dir as an absolute path.
func (s *Command) dir() string {
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return "/"
	}
	return dir
}

// notStarted tells why a program that is there cannot be started.
func notStarted(program string, err error) *spool.Error {
	err = fmt.Errorf("cannot start %s: %w", program, err)
	for _, settings := range []error{syscall.ENOENT, syscall.ENOEXEC, syscall.EACCES, syscall.EPERM, syscall.ENOTDIR} {
		if errors.Is(err, settings) {
			return settingsError(err, "A script must begin with a line that names an installed program: #!/bin/sh. OpenWrt has no bash.")
		}
	}
	return &spool.Error{Code: "exit", Err: err} // no memory, no room for the arguments
}

func settingsError(err error, hint string) *spool.Error {
	return &spool.Error{Kind: spool.Account, Code: "command", Hint: hint, Err: err}
}

// shells are programs that read the argument behind "-c" as a script.
var shells = []string{"sh", "ash", "bash", "dash", "hush", "ksh", "mksh", "zsh"}

// scriptWord returns a word that a command puts into a script for a shell,
// where the text of a photo would be run; "" if there is none.
func scriptWord(command []string) string {
	shell, script := false, false
	for _, arg := range command {
		option := strings.HasPrefix(arg, "-")
		if script && !option {
			for _, w := range Words {
				if strings.Contains(arg, w) {
					return w
				}
			}
			script = false
		}
		script = script || shell && option && !strings.HasPrefix(arg, "--") && strings.Contains(arg, "c")
		shell = shell || slices.Contains(shells, arg[strings.LastIndex(arg, "/")+1:])
	}
	return ""
}
