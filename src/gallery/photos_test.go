package gallery

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// photoWith is a JPEG with a thumbnail and an orientation, as small as can be.
func photoWith(thumb string, orientation byte) string {
	be := binary.BigEndian
	tiff := []byte("MM\x00*\x00\x00\x00\x08")
	entry := func(tag, kind uint16, value uint32) []byte {
		b := be.AppendUint16(nil, tag)
		b = be.AppendUint16(b, kind)
		b = be.AppendUint32(b, 1)
		if kind == 3 {
			value <<= 16
		}
		return be.AppendUint32(b, value)
	}
	tiff = append(tiff, 0, 1)
	tiff = append(tiff, entry(0x0112, 3, uint32(orientation))...)
	tiff = append(tiff, 0, 0, 0, 26, 0, 2)
	tiff = append(tiff, entry(0x0201, 4, 56)...)
	tiff = append(tiff, entry(0x0202, 4, uint32(len(thumb)))...)
	tiff = append(tiff, 0, 0, 0, 0)
	tiff = append(tiff, thumb...)
	app1 := append([]byte("Exif\x00\x00"), tiff...)
	b := be.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(app1)+2))
	return string(b) + string(app1) + "\xff\xda\x00\x02 the large picture \xff\xd9"
}

const small = "\xff\xd8\xff\xdb small picture \xff\xd9"

func TestPhotos(t *testing.T) {
	r := newRig(t)
	r.login()
	for _, c := range []struct {
		reason, name, content string
		typ, disposition      string
		thumb                 string // "": none
	}{
		{"a photo", "SAM_0001.JPG", photoWith(small, 1), "image/jpeg", "inline", small},
		{"turned by the camera", "SAM_0002.JPG", photoWith(small, 6), "image/jpeg", "inline", "\xff\xd8\xff\xe1"},
		{"a video", "SAM_0003.MP4", "\x00\x00\x00\x18ftypmp42", "video/mp4", "inline", ""},
		{"a photo without a thumbnail", "SAM_0004.JPG", "\xff\xd8\xff\xdb", "image/jpeg", "inline", ""},
		{"a page that calls itself a photo", "SAM_0005.JPG", "<!DOCTYPE html><script>", "application/octet-stream", "attachment", ""},
		{"a drawing with a script", "x.svg", "<svg onload=alert(1)>", "application/octet-stream", "attachment", ""},
		{"a raw file", "SAM_0006.SRW", "II*\x00\x08\x00\x00\x00", "image/x-samsung-srw", "attachment", ""},
		{"a video of 2009", "SAM_0007.AVI", "RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo", "attachment", ""},
	} {
		it := r.put(c.name, c.content)
		r.store("day/"+c.name, c.content)
		for kind, path := range map[string]string{"": it.ID + "/" + it.Files[0].Path, "stored": "day/" + c.name} {
			file, thumb := "/phone/file/", "/phone/thumb/"
			if kind != "" {
				file, thumb = "/phone/stored/", "/phone/storedthumb/"
			}
			w := r.get(file + path)
			got := w.Header().Get("Content-Disposition")
			if w.Code != 200 || w.Body.String() != c.content || w.Header().Get("Content-Type") != c.typ || !strings.HasPrefix(got, c.disposition+`; filename="`+c.name+`"`) {
				t.Errorf("%s: %s%s: %d, %v, %d bytes", c.reason, file, path, w.Code, w.Header(), w.Body.Len())
			}
			if immutable := strings.Contains(w.Header().Get("Cache-Control"), "immutable"); immutable != (kind == "") {
				t.Errorf("%s: %s%s: a browser is told %v", c.reason, file, path, w.Header())
			}
			if w := r.get(file + path + "?download"); !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
				t.Errorf("%s: to be saved, and is %v", c.reason, w.Header())
			}
			w = r.get(thumb + path)
			switch {
			case c.thumb == "" && w.Code != 204:
				t.Errorf("%s: thumbnail %d", c.reason, w.Code)
			case c.thumb != "" && (w.Code != 200 || !strings.HasPrefix(w.Body.String(), c.thumb) || w.Header().Get("Content-Type") != "image/jpeg"):
				t.Errorf("%s: thumbnail %d, %v, %q", c.reason, w.Code, w.Header(), w.Body)
			}
		}
	}
}

// In the photo folder a name can become another photo's, and browsers keep what they have seen.
func TestStoredAgain(t *testing.T) {
	r := newRig(t)
	r.login()
	for _, path := range []string{"/phone/stored/day/SAM_0001.JPG", "/phone/storedthumb/day/SAM_0001.JPG"} {
		r.store("day/SAM_0001.JPG", photoWith("\xff\xd8first", 1))
		first := r.get(path)
		again := r.request("GET", path, "")
		again.Header.Set("If-None-Match", first.Header().Get("ETag"))
		if w := r.send(again); w.Code != 304 || w.Body.Len() > 0 {
			t.Errorf("%s, unchanged: %d, %d bytes", path, w.Code, w.Body.Len())
		}
		r.store("day/SAM_0001.JPG", photoWith("\xff\xd8second", 1))
		if w := r.send(again); w.Code != 200 || !strings.Contains(w.Body.String(), "second") {
			t.Errorf("%s, another photo: %d %q", path, w.Code, w.Body)
		}
	}
}

// Videos are asked for in pieces.
func TestRange(t *testing.T) {
	r := newRig(t)
	r.login()
	content := "\x00\x00\x00\x18ftypmp42" + strings.Repeat("0123456789", 100_000)
	it := r.put("SAM_0001.MP4", content)
	q := r.request("GET", "/phone/file/"+it.ID+"/"+it.Files[0].Path, "")
	q.Header.Set("Range", "bytes=500000-500099")
	w := r.send(q)
	if w.Code != 206 || w.Body.String() != content[500_000:500_100] || w.Header().Get("Content-Range") != "bytes 500000-500099/1000012" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	q = r.request("GET", "/phone/file/"+it.ID+"/"+it.Files[0].Path, "")
	q.Header.Set("Range", "bytes=2000000-")
	if w := r.send(q); w.Code != 416 {
		t.Errorf("behind the end: %d", w.Code)
	}
}

func TestNames(t *testing.T) {
	r := newRig(t)
	r.login()
	it := r.put("사진\" onerror=\u202ex.JPG", "\xff\xd8\xff")
	w := r.get("/phone/file/" + it.ID + "/" + strings.ReplaceAll(it.Files[0].Path, " ", "%20"))
	d := w.Header().Get("Content-Disposition")
	if w.Code != 200 || strings.ContainsFunc(d, func(c rune) bool { return c < ' ' || c > '~' }) || strings.Count(d, `"`) != 2 || !strings.Contains(d, "filename*=UTF-8''%EC%82%AC%EC%A7%84") {
		t.Errorf("%d %q", w.Code, d)
	}
	for _, bad := range []string{it.ID + "/item.json", it.ID + "/../../phone.json", it.ID, "../" + it.ID + "/x", it.ID + "/"} {
		if w := r.get("/phone/file/" + bad); w.Code != 404 {
			t.Errorf("%s: %d %q", bad, w.Code, w.Body)
		}
	}
}

func TestStored(t *testing.T) {
	r := newRig(t)
	r.login()
	r.store("2026-07-14/SAM_0001.JPG", small)
	r.store("2026-07-14/.part", small)
	r.store(".spool/item.json", "secret")
	r.store("SAM_0009.JPG", small)
	os.Symlink("/etc", r.Stored+"/outside")
	os.Symlink("SAM_0001.JPG", r.Stored+"/2026-07-14/link.JPG")
	for path, want := range map[string]string{
		"/phone/api/stored":                          `"entries":[{"key":"/2026-07-14"`,
		"/phone/api/stored?folder=2026-07-14":        `"entries":[{"key":".SAM_0001.JPG"`,
		"/phone/api/stored?before=/2026-07-14":       `"entries":[{"key":".SAM_0009.JPG"`,
		"/phone/api/stored?before=.SAM_0009.JPG":     `"entries":[],"more":false`,
		"/phone/api/stored?folder=.spool":            `"not-found"`,
		"/phone/api/stored?folder=outside":           `"not-found"`,
		"/phone/api/stored?folder=2026-07-14/../..":  `"not-found"`,
		"/phone/api/stored?folder=/etc":              `"not-found"`,
		"/phone/stored/2026-07-14/SAM_0001.JPG":      small,
		"/phone/stored/.spool/item.json":             "404",
		"/phone/stored/2026-07-14/.part":             "404",
		"/phone/stored/2026-07-14/link.JPG":          "404",
		"/phone/stored/outside/passwd":               "404",
		"/phone/stored/2026-07-14":                   "404",
		"/phone/stored/2026-07-14/../.spool/item.js": "404",
	} {
		w := r.get(path)
		if got := w.Body.String(); !strings.Contains(got, want) || strings.Contains(got, "outside") || strings.Contains(got, "secret") || strings.Contains(got, "link") {
			t.Errorf("%s: %d %s, want %s", path, w.Code, got, want)
		}
	}
	remove := func(path string) int {
		return r.send(r.request("DELETE", "/phone/api/stored?path="+path, "")).Code
	}
	for path, want := range map[string]int{"2026-07-14": 404, ".spool/item.json": 404, "outside/passwd": 404, "../phone.json": 404, "": 404, "2026-07-14/SAM_0001.JPG": 200} {
		if got := remove(path); got != want {
			t.Errorf("delete %s: %d, want %d", path, got, want)
		}
	}
	if _, err := os.Stat(r.Stored + "/2026-07-14/SAM_0001.JPG"); err == nil {
		t.Error("a deleted photo is still there")
	}
	if got := remove("2026-07-14/SAM_0001.JPG"); got != 404 {
		t.Errorf("deleted twice: %d", got)
	}
}

// A folder of thousands is shown in pages, each photo on one of them.
func TestStoredPages(t *testing.T) {
	r := newRig(t)
	r.login()
	want := map[string]bool{}
	for i := range 1000 {
		name := strings.ToUpper(strings.Repeat(string(rune('a'+i%26)), 1+i/26)) + ".JPG"
		r.store("day/"+name, "x")
		want["."+name] = true
	}
	root, err := r.openFolder("day")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	last, pages := "", 0
	for more := true; more; pages++ {
		v, err := page(root, last, nil)
		if err != nil || len(v.Entries) == 0 || len(v.Entries) > storedPage {
			t.Fatalf("a page of %d, %v", len(v.Entries), err)
		}
		for _, e := range v.Entries {
			if !want[e.Key] || last != "" && e.Key >= last {
				t.Fatalf("%s after %s", e.Key, last)
			}
			delete(want, e.Key)
			last = e.Key
		}
		more = v.More
	}
	if len(want) > 0 || pages != 17 {
		t.Errorf("%d photos are on none of %d pages", len(want), pages)
	}
}

// A pipe in the photo folder would block who opens it.
func TestPipe(t *testing.T) {
	r := newRig(t)
	r.login()
	makePipe(t, r.Stored+"/pipe.JPG")
	if w := r.get("/phone/stored/pipe.JPG"); w.Code != 404 {
		t.Errorf("a pipe: %d", w.Code)
	}
	if w := r.get("/phone/api/stored"); bytes.Contains(w.Body.Bytes(), []byte("pipe")) {
		t.Errorf("a pipe is listed: %s", w.Body)
	}
}
