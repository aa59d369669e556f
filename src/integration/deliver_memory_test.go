//go:build integration

package integration

import (
	"fmt"
	"testing"

	"snsbridge/src/sim"
)

// deliveryLoads are what the memory budgets are kept in besides loads: each is
// received and sent on to a target that wants TLS.
var deliveryLoads = []struct {
	name string
	send func(tb testing.TB) *daemon // returns when all is delivered
}{
	{"e-mail of 5 x 8 MB -> SMTP, STARTTLS", func(tb testing.TB) *daemon {
		a := newAuthority(tb)
		host := startSmarthost(tb, &smarthost{encryption: a.tls(tb), size: 25e6})
		d := a.trusted(newBridge(tb, host.settings()...)).start(tb)
		var files []sim.File
		for i := range 5 {
			files = append(files, photo(tb, fmt.Sprintf("SAM_%04d.JPG", i), 8e6, uint64(i)))
		}
		if _, err := cameraAt(tb, d, "NX300", 2).Email(tb.Context(), mail(files...)); err != nil {
			tb.Fatal(err)
		}
		d.line("msg=delivered")
		var got []attachment
		for _, m := range host.accepted() {
			got = append(got, m.files...)
		}
		if err := sameFiles(got, attachments(tb, files)); err != nil {
			tb.Error(err)
		}
		return d
	}},
	{"video of 90 MB -> Mastodon, HTTPS", func(tb testing.TB) *daemon {
		a := newAuthority(tb)
		site := startInstance(tb, a)
		d := a.trusted(newBridge(tb, site.settings(`ALT_TEXT = "optional"`)...)).start(tb)
		f := video(tb, "SAM_0001.MP4", 90e6, 1)
		if _, err := cameraAt(tb, d, "NX300", 2).Post(tb.Context(), "youtube", "the sea", f); err != nil {
			tb.Fatal(err)
		}
		d.line("msg=delivered")
		if posts, _ := site.published(); len(posts) != 1 || len(posts[0].files) != 1 || posts[0].files[0].size != f.Size {
			tb.Errorf("got %d posts, want one with the whole video", len(posts))
		}
		return d
	}},
}

func TestDeliveryMemory(t *testing.T) {
	for _, load := range deliveryLoads {
		t.Run(load.name, func(t *testing.T) {
			m := load.send(t).quiet(t)
			t.Logf("peak %d KiB; then resident %d, of which anonymous %d", m.peak, m.resident, m.anonymous)
			if m.resident > quietBudget || m.anonymous > quietAnonymousBudget {
				t.Errorf("resident %d KiB, anonymous %d, want at most %d and %d", m.resident, m.anonymous, quietBudget, quietAnonymousBudget)
			}
			if m.peak > peakBudget {
				t.Errorf("peak %d KiB, want at most %d", m.peak, peakBudget)
			}
		})
	}
}
