package mastodon

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"snsbridge/src/spool"
)

// BenchmarkPost compares a whole delivery of a 90 MB video with a plain
// POST of the same file to the same server.
func BenchmarkPost(b *testing.B) {
	const size = 90 << 20
	rig := newRig(b, spool.Item{Text: "x"}, video("v.mp4", "v", size))
	take := func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"id":"1","url":"https://example.org/1"}`)
	}
	name := filepath.Join(b.TempDir(), "v.mp4")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(f, sampleMP4(size)); err != nil {
		b.Fatal(err)
	}
	f.Close()

	b.Run("plain", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			rig.fake.on("POST /plain", take)
			f, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			req, err := http.NewRequest(http.MethodPost, rig.fake.URL+"/plain", struct{ io.Reader }{f})
			if err != nil {
				b.Fatal(err)
			}
			req.ContentLength = rig.item().Size()
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			resp.Body.Close()
			f.Close()
		}
	})
	b.Run("delivery", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			rig.fake.on("POST /api/v2/media", take)
			rig.fake.on("POST /api/v1/statuses", take)
			rig.edit(func(it *spool.Item) {
				it.Jobs[0].State, it.Jobs[0].Marks = spool.Waiting, nil
			})
			rig.must()
		}
	})
}
