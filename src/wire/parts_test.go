package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// A got is a part as read, or (with err only) how the reading ended.
type got struct {
	name, file, kind, content string
	ending                    Ending
}

func (g got) String() string {
	return fmt.Sprintf("{%q %q %q %q %v}", g.name, g.file, g.kind, g.content, g.ending)
}

// readParts reads all parts and returns why there were no more.
func readParts(p *Parts) (parts []got, err error) {
	for {
		part, err := p.Next()
		if err != nil {
			return parts, err
		}
		content, err := io.ReadAll(part)
		parts = append(parts, got{part.Name, part.FileName, part.Type, string(content), part.Ending})
		if err != nil {
			if _, next := p.Next(); next != err {
				return parts, fmt.Errorf("Next says %w after Read said %w", next, err)
			}
			return parts, err
		}
	}
}

const (
	nx300Boundary = "---------------------------7d93b9550d4a"
	nx300Message  = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<email><sender>Camera@samsungcamera.com</sender>" +
		"<receiverList><receiver>a@b.c</receiver></receiverList><title><![CDATA[[Samsung Smart Camera] sent you files.]]></title>" +
		"<body><![CDATA[Sent from Samsung Camera.\r\nlanguage_sh100_utf8]]></body></email>\r\n"
	jpeg = "\xff\xd8\xff\xe1JPEG\xff\xd9"
)

var (
	message = got{"message", "sample.txt", "multipart/form-data", nx300Message, Delimited}
	photo   = got{"binary", "SAM_4371.JPG", "image/jpeg", jpeg, Delimited}
)

func oneFile(name string) []got { return []got{{"a", name, "", "x", Delimited}} }

// TestEmptyLinesAtTheEnd has final delimiters that empty lines follow: they are no part.
func TestEmptyLinesAtTheEnd(t *testing.T) {
	for _, end := range []string{"\r\n\r\n", "\r\n\r\n\r\n", "\n\n", "\r\n\r\n\n", "\r\n" + strings.Repeat("\r\n", 500)} {
		body := "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nx\r\n--b" + end
		for _, r := range []io.Reader{strings.NewReader(body), iotest.OneByteReader(strings.NewReader(body)), iotest.DataErrReader(strings.NewReader(body))} {
			parts, err := readParts(NewParts(r, iotest.ErrReader(errors.New("the rest is not asked for")), "b"))
			if err != io.EOF || !slices.Equal(parts, []got{{"a", "f", "", "x", Delimited}}) {
				t.Errorf("%q: %v, %v", end, parts, err)
			}
		}
	}
	// A nameless part with something in it is one.
	parts, err := readParts(NewParts(strings.NewReader("--b\r\n\r\n\r\n\r\nx\r\n--b--"), nil, "b"))
	if err != io.EOF || len(parts) != 1 || parts[0].content != "\r\n\r\nx" {
		t.Errorf("%v, %v", parts, err)
	}
	// As is one of many empty lines.
	lines := strings.Repeat("\r\n", 100_000)
	parts, err = readParts(NewParts(strings.NewReader("--b\r\n\r\n"+lines+"\r\n--b--"), nil, "b"))
	if err != io.EOF || len(parts) != 1 || parts[0].content != lines {
		t.Errorf("%d parts, %v", len(parts), err)
	}
}

func TestParts(t *testing.T) {
	cut, open := photo, photo
	cut.ending, open.ending, open.content = Cut, Open, jpeg[:len(jpeg)-2]
	tests := []struct {
		file  string
		parts []got
		err   error
		why   string
	}{
		{"nx300-email", []got{message, photo}, io.EOF, "as captured: no terminator"},
		{"nx300-email-last-delimiter-without-line-end", []got{message, photo}, io.EOF, "the known Flask implementation loses the photo then"},
		{"nx300-email-with-terminator", []got{message, photo}, io.EOF, "as the standard has it"},
		{"nx300-email-half-terminator", []got{message, photo}, io.EOF, "length too small"},
		{"nx300-email-last-line-end-cut", []got{message, photo}, io.EOF, "length too small"},
		{"nx300-email-cut-in-delimiter", []got{message, cut}, io.EOF, "length too small, and nothing follows"},
		{"nx300-email-cut-after-cr", []got{message, cut}, io.EOF, "the same"},
		{"nx300-email-cut-in-photo", []got{message, open}, io.EOF, "the caller must judge the photo"},
		{"nx300-email-cut-in-header", []got{message}, io.ErrUnexpectedEOF, "no part without header"},
		{"bare-lf", []got{{"a", "", "", "x\r\n", Delimited}, {"c", "", "", "y", Delimited}}, io.EOF, "content keeps its CR"},
		{"preamble", oneFile("f"), io.EOF, "what precedes the first delimiter is no part"},
		{"leading-empty-line", oneFile("f"), io.EOF, "some clients send it"},
		{"epilogue", oneFile("f"), io.EOF, "what follows the terminator is no part"},
		{"unquoted-values", oneFile("my photo.jpg"), io.EOF, "mime refuses them"},
		{"unclosed-quote", oneFile("f.jpg"), io.EOF, "mime refuses it"},
		{"unclosed-quote-first", oneFile("f.jpg"), io.EOF, "it ends at the semicolon"},
		{"quotes-in-file-name", oneFile(`a "b" c.jpg`), io.EOF, "mime refuses them"},
		{"backslashes-in-file-name", oneFile(`C:\DCIM\`), io.EOF, "no escapes"},
		{"semicolon-in-file-name", oneFile("a; name=b.jpg"), io.EOF, "quoted"},
		{"euc-kr-file-name", oneFile("\xbb\xe7\xc1\xf8.jpg"), io.EOF, "bytes as sent"},
		{"utf-8-file-name-unquoted", oneFile("사진.jpg"), io.EOF, "bytes as sent"},
		{"nul-in-file-name", oneFile("a\x00.jpg"), io.EOF, "bytes as sent"},
		{"path-in-file-name", oneFile("../../../etc/passwd"), io.EOF, "bytes as sent, for the caller to distrust"},
		{"comma-between-parameters", oneFile("f"), io.EOF, "mime refuses it"},
		{"no-disposition-type", oneFile("f"), io.EOF, "mime refuses it"},
		{"two-file-names", oneFile("f"), io.EOF, "the first counts"},
		{"blank-before-colon", oneFile("f"), io.EOF, "mime/multipart overlooks such a header"},
		{"folded-header", []got{{"a", "f", "image/jpeg", "x", Delimited}}, io.EOF, "joined"},
		{"no-header", []got{{"", "", "", "x", Delimited}}, io.EOF, "legal"},
		{"no-header-and-no-content", []got{{"", "", "", "", Delimited}, {"", "", "", "", Delimited}}, io.EOF, "two empty parts"},
		{"no-empty-line-after-header", []got{{"a", "", "", "", Delimited}, {"c", "", "", "y", Delimited}}, io.EOF, "the header ends all the same"},
		{"empty-part", []got{{"a", "f", "", "", Delimited}}, io.EOF, "legal"},
		{"empty-part-sharing-its-line-end", []got{{"a", "f", "", "", Delimited}}, io.EOF, "legal"},
		{"near-delimiters", []got{{"a", "f", "",
			"\r\n--\r\n--c\r\n--bX\r\n--b-\r\n\n--b\r\n\r--b\r\n--b \t.\r\n--b --\r\n--b\rX\r\r\n-\r\n", Delimited}}, io.EOF, "content"},
		{"blanks-after-delimiter", oneFile("f"), io.EOF, "legal"},
		{"too-many-blanks-after-delimiter", []got{{"a", "f", "", "x\r\n--b" + strings.Repeat(" ", 65) + "\r\ny", Delimited}}, io.EOF, "a limit"},
		{"nested-multipart", []got{{"", "", "multipart/mixed", "--c\r\n\r\nx\r\n--c--", Delimited}}, io.EOF, "content"},
		{"header-and-nothing-else", []got{{"a", "f", "", "", Open}}, io.EOF, "the empty line is no beginning of a delimiter"},
		{"no-parts", nil, io.EOF, "only a terminator"},
		{"no-parts-and-no-line-end", nil, io.EOF, "only a delimiter"},
		{"no-parts-and-no-terminator", nil, io.EOF, "only a delimiter"},
		{"empty", nil, io.EOF, "cameras send empty bodies"},
		{"no-delimiter", nil, ErrBoundary, "no multipart"},
		{"header-never-ends", nil, io.ErrUnexpectedEOF, "no part without header"},
		{"boundary-of-dashes", nil, ErrBoundary, "another boundary"},
		{"two-dashes-only", nil, ErrBoundary, "another boundary"},
	}
	for _, test := range tests {
		body, err := os.ReadFile(filepath.Join("testdata/parts", test.file+".body"))
		if err != nil {
			t.Fatal(err)
		}
		boundary := "b"
		if strings.HasPrefix(test.file, "nx300") {
			boundary = nx300Boundary
		}
		for name, chunks := range chunkings {
			parts, err := readParts(NewParts(chunks(bytes.NewReader(body)), nil, boundary))
			if !errors.Is(err, test.err) || !slices.Equal(parts, test.parts) {
				t.Errorf("%s, %s (%s):\n got %v, %v\nwant %v, %v", test.file, name, test.why, parts, err, test.parts, test.err)
			}
		}
	}
	if files, _ := filepath.Glob("testdata/parts/*.body"); len(files) != len(tests) {
		t.Errorf("testdata/parts has %d bodies, the table %d", len(files), len(tests))
	}
}

var chunkings = map[string]func(io.Reader) io.Reader{
	"whole":               func(r io.Reader) io.Reader { return r },
	"byte by byte":        iotest.OneByteReader,
	"end with the data":   iotest.DataErrReader,
	"halves":              iotest.HalfReader,
	"bytes, end with one": func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
}

func TestBoundaryIsTakenFromTheBody(t *testing.T) {
	tests := []struct{ why, boundary, file string }{
		{"none announced", "", "leading-empty-line"},
		{"none announced, an odd one used", "", "boundary-of-dashes"},
		{"announced with its dashes", "--b", "leading-empty-line"},
		{"announced as it is, and it begins with dashes", "----", "boundary-of-dashes"},
	}
	for _, test := range tests {
		body, err := os.ReadFile("testdata/parts/" + test.file + ".body")
		if err != nil {
			t.Fatal(err)
		}
		parts, err := readParts(NewParts(bytes.NewReader(body), nil, test.boundary))
		if want := oneFile("f"); err != io.EOF || !slices.Equal(parts, want) {
			t.Errorf("%s: got %v, %v, want %v", test.why, parts, err, want)
		}
	}
	for why, body := range map[string]string{
		"two dashes are no boundary": "--\r\n\r\nx\r\n--\r\n",
		"too long to be one":         "--" + strings.Repeat("x", maxBoundary+1) + "\r\n\r\nx",
	} {
		if _, err := NewParts(strings.NewReader(body), nil, "").Next(); !errors.Is(err, ErrBoundary) {
			t.Errorf("%s: got %v, want %v", why, err, ErrBoundary)
		}
	}
}

func TestBoundary(t *testing.T) {
	tests := []struct{ contentType, want, why string }{
		{"multipart/form-data; boundary=" + nx300Boundary, nx300Boundary, "an NX300"},
		{`multipart/form-data; boundary="a b"`, "a b", "quoted"},
		{"multipart/form-data; boundary=abc;", "abc", "semicolon at the end"},
		{"multipart/form-data; boundary=abc; charset=x", "abc", "not the last"},
		{"multipart/form-data; charset=x; BOUNDARY = abc ", "abc", "any case, blanks"},
		{"multipart/form-data; boundary=a b/c:d=e,f?", "a b/c:d=e,f?", "mime refuses it"},
		{`multipart/form-data; boundary="abc`, "abc", "quote not closed"},
		{`multipart/form-data; boundary="abc; charset=x`, "abc", "quote not closed"},
		{`multipart/form-data; boundary="abc" charset=x`, "abc", "no semicolon"},
		{"multipart/form-data, boundary=abc", "abc", "comma"},
		{"multipart/form-data boundary=abc", "abc", "nothing between"},
		{"multipart/form-data; xboundary=abc", "", "another parameter"},
		{"multipart/form-data; boundary=", "", "empty"},
		{"multipart/form-data;", "", "none, as in the part of an NX300"},
		{"", "", "no header"},
		{strings.Repeat("x=y;", 20) + "boundary=abc", "", "too many parameters"},
	}
	for _, test := range tests {
		if got := Boundary(test.contentType); got != test.want {
			t.Errorf("%s (%s): got %q, want %q", test.contentType, test.why, got, test.want)
		}
	}
}

func TestPartLimits(t *testing.T) {
	header := func(n int) string { return "--b\r\nA: " + strings.Repeat("x", n) + "\r\n\r\nx" }
	tests := []struct {
		why, body string
		parts     int
		err       error
	}{
		{"header of 8 KiB", header(maxPartHeader - 9), 1, io.EOF},
		{"header of 8 KiB and a byte", header(maxPartHeader - 8), 0, ErrPartHeader},
		{"header of 1 MiB", header(1 << 20), 0, ErrPartHeader},
		{"64 parts", strings.Repeat("--b\r\n\r\nx\r\n", maxParts) + "--b", maxParts, io.EOF},
		{"65 parts", strings.Repeat("--b\r\n\r\nx\r\n", maxParts+1) + "--b", maxParts, ErrPartCount},
		{"10,000 parts", strings.Repeat("--b\r\n\r\nx\r\n", 10000), maxParts, ErrPartCount},
		{"preamble of 8 KiB", strings.Repeat("x", maxPartHeader-7) + "\r\n--b\r\n\r\nx\r\n--b", 1, io.EOF},
		{"preamble of 8 KiB and a byte", strings.Repeat("x", maxPartHeader-6) + "\r\n--b\r\n\r\nx\r\n--b", 0, ErrBoundary},
		{"boundary of 300 bytes", "--" + strings.Repeat("b", 300) + "\r\n\r\nx", 0, ErrBoundary},
	}
	for _, test := range tests {
		for name, chunks := range chunkings {
			parts, err := readParts(NewParts(chunks(strings.NewReader(test.body)), nil, "b"))
			if len(parts) != test.parts || !errors.Is(err, test.err) {
				t.Errorf("%s, %s: got %d parts, %v, want %d, %v", test.why, name, len(parts), err, test.parts, test.err)
			}
		}
	}
}

func TestBodyErrorsAreReturned(t *testing.T) {
	body, want := email(2, "\r\n")
	for _, failure := range []error{io.ErrUnexpectedEOF, os.ErrDeadlineExceeded} {
		for end := range len(body) + 1 {
			p := NewParts(io.MultiReader(strings.NewReader(body[:end]), iotest.ErrReader(failure)), untouchable{t}, nx300Boundary)
			parts, err := readParts(p)
			if !errors.Is(err, failure) {
				t.Fatalf("%d bytes, then %v: got %d parts and %v", end, failure, len(parts), err)
			}
			for i, part := range parts {
				if part.ending == Delimited && part != want[i] || part.ending == Cut || part.ending == Open {
					t.Errorf("%d bytes, then %v: got part %v", end, failure, part)
				}
			}
			if _, again := p.Next(); again != err {
				t.Errorf("second Next: got %v, want %v", again, err)
			}
		}
	}
}
