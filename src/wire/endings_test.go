package wire

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// untouchable is a rest that must not be waited for.
type untouchable struct{ t *testing.T }

func (u untouchable) Read([]byte) (int, error) {
	u.t.Error("the rest was read though the body ended after a delimiter")
	return 0, io.EOF
}

func TestRestIsNotTouchedAfterADelimiter(t *testing.T) {
	for _, end := range []string{"", "--", "-", "\r", "\r\n", "--\r", "--\r\n", " ", " \r\n", "--\r\nbye"} {
		body := "--b\r\n\r\nx\r\n--b" + end
		for name, chunks := range chunkings {
			parts, err := readParts(NewParts(chunks(strings.NewReader(body)), untouchable{t}, "b"))
			if want := []got{{content: "x", ending: Delimited}}; err != io.EOF || !slices.Equal(parts, want) {
				t.Errorf("end %q, %s: got %v, %v, want %v", end, name, parts, err, want)
			}
		}
	}
}

func TestRestEndsAtItsFirstDelimiter(t *testing.T) {
	const body, rest = "--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n-", "-b"
	for _, junk := range []string{"\r\n\r\n", "\r\n\r\nz\r\n--b--", "GET / HTTP/1.0\r\n\r\n", " "} {
		for name, chunks := range chunkings {
			p := NewParts(chunks(strings.NewReader(body)), chunks(strings.NewReader(rest+junk)), "b")
			parts, err := readParts(p)
			want := []got{{content: "x", ending: Delimited}, {content: "y", ending: Delimited}}
			if err != io.EOF || !slices.Equal(parts, want) {
				t.Errorf("%q after it, %s: got %v, %v, want %v", junk, name, parts, err, want)
			}
		}
	}
}

// email builds a body as cameras send it, with a number of photos that are hard to delimit.
func email(photos int, ending string) (body string, want []got) {
	delimiter := "--" + nx300Boundary
	add := func(g got) {
		body += delimiter + "\r\ncontent-disposition: form-data; name=\"" + g.name + "\"; fileName=\"" + g.file +
			"\"\r\ncontent-Type: " + g.kind + ";\r\n\r\n" + g.content + "\r\n"
		want = append(want, g)
	}
	add(message)
	for i := range photos {
		near := []string{
			"\r\n" + delimiter[:i%len(delimiter)],
			"\r\n" + delimiter + "X",
			"\r\n\r\n--" + delimiter,
			"\n" + delimiter + "\r\n",
			"\r",
		}
		g := photo
		g.file = fmt.Sprintf("SAM_%04d.JPG", i)
		g.content = jpeg + strings.Repeat("photo", 5*i) + strings.Join(near, "\xff") + "\xff" + near[i%len(near)]
		add(g)
	}
	return body + delimiter + ending, want
}

// late is a connection on which nothing comes for a while, as seen with read deadlines off.
type late struct {
	io.Reader
	waited bool
}

func (l *late) Read(p []byte) (int, error) {
	if !l.waited {
		l.waited = true
		time.Sleep(time.Millisecond)
	}
	return l.Reader.Read(p)
}

// TestEndings sends bodies whose announced length is too small by 4 bytes a part, for each
// reading of what counts as part: the photos, the message too, or the delimiters.
func TestEndings(t *testing.T) {
	rests := map[string]func(io.Reader) io.Reader{
		"whole":        func(r io.Reader) io.Reader { return r },
		"byte by byte": iotest.OneByteReader,
		"late":         func(r io.Reader) io.Reader { return &late{Reader: r} },
		"time-out":     iotest.TimeoutReader, // an error at the second read
	}
	for _, photos := range []int{1, 2, 10, 20} {
		for _, ending := range []string{"", "\r\n", "--", "--\r\n"} {
			body, want := email(photos, ending)
			for short := range 3 {
				announced := len(body) - 4*(photos+short)
				for bodyName, chunks := range chunkings {
					for restName, rest := range rests {
						p := NewParts(chunks(strings.NewReader(body[:announced])), rest(strings.NewReader(body[announced:])), nx300Boundary)
						parts, err := readParts(p)
						if err != io.EOF || !slices.Equal(parts, want) {
							t.Errorf("%d photos, end %q, %d bytes short, body %s, rest %s: got %d parts, %v, want %d\nlast: got %v\nwant %v",
								photos, ending, len(body)-announced, bodyName, restName, len(parts), err, len(want),
								parts[len(parts)-1], want[len(want)-1])
						}
					}
				}
			}
		}
	}
}

// TestEndingsWithoutRest cuts a body at each byte of its end.
func TestEndingsWithoutRest(t *testing.T) {
	body, want := email(1, "")
	delimiter := "\r\n--" + nx300Boundary
	for cut := range len(delimiter) + 10 {
		last := want[1]
		if cut > 0 {
			last.content += delimiter
			last.content = last.content[:len(last.content)-cut]
			last.ending = Open
			for n := len(delimiter) - 1; n > 0; n-- {
				if whole, found := strings.CutSuffix(last.content, delimiter[:n]); found {
					last.content, last.ending = whole, Cut
					break
				}
			}
		}
		for name, chunks := range chunkings {
			parts, err := readParts(NewParts(chunks(strings.NewReader(body[:len(body)-cut])), nil, nx300Boundary))
			if err != io.EOF || len(parts) != 2 || parts[1] != last {
				t.Errorf("%d bytes cut, %s: got %v, %v, want %v", cut, name, parts, err, last)
			}
		}
	}
}

func TestEndingsOverTCP(t *testing.T) {
	for _, photos := range []int{1, 2, 10, 20} {
		for short := range 3 {
			for _, style := range []string{"at once", "late", "quiet", "FIN"} {
				body, want := email(photos, "\r\n")
				announced := len(body) - 4*(photos+short)
				if style == "quiet" || style == "FIN" {
					body = body[:announced]
				}
				reading := make(chan struct{})
				p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
					quiet := 10 * time.Second
					if style == "quiet" {
						quiet = 20 * time.Millisecond
					}
					rest := signalReader{Rest(r, quiet), reading}
					parts, err := readParts(NewParts(r.Body, &rest, Boundary(r.Header.Get("Content-Type"))))
					if err != io.EOF || len(parts) != len(want) {
						t.Errorf("%d photos, %d: got %d parts, %v, want %d", photos, short, len(parts), err, len(want))
						return
					}
					last, wanted := parts[len(parts)-1], want[len(want)-1]
					if len(body) == announced { // the rest never comes
						if last.ending == Delimited || !strings.HasPrefix(wanted.content, last.content) {
							t.Errorf("%d photos, %d, %s: got %v, want a beginning of %v", photos, short, style, last, wanted)
						}
						parts, want = parts[:len(parts)-1], want[:len(want)-1]
					}
					if !slices.Equal(parts, want) {
						t.Errorf("%d photos, %d, %s: got %v, want %v", photos, short, style, parts, want)
					}
				})
				c := p.dial()
				fmt.Fprintf(c, "POST /social/columbus/email?DUID=123456789033  HTTP/1.0\r\nContent-Type: multipart/form-data; boundary=%s\r\n"+
					"Content-Length: %d\r\n\r\n%s", nx300Boundary, announced, body[:announced])
				if style == "late" {
					<-reading
				}
				io.WriteString(c, body[announced:])
				if style == "FIN" {
					c.CloseWrite()
				}
				wantAnswer(t, "e-mail", p.answer(c), " 200")
				c.CloseWrite()
				<-p.closed
				wantNoReset(t, style, c)
			}
		}
	}
}

// A signalReader tells when it is read for the first time.
type signalReader struct {
	io.Reader
	first chan struct{}
}

func (s *signalReader) Read(p []byte) (int, error) {
	if s.first != nil {
		close(s.first)
		s.first = nil
	}
	return s.Reader.Read(p)
}
