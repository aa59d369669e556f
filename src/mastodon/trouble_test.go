package mastodon

import (
	"context"
	"fmt"
	"testing"

	"snsbridge/src/spool"
)

// TestTwentyPosts has twenty posts wait for a server that is in trouble: the
// first uploads its picture, the others wait without a byte, also when a person
// has them tried again.
func TestTwentyPosts(t *testing.T) {
	for _, status := range []int{429, 502} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			rig := newRig(t, spool.Item{Text: "0"}, picture("0", "alt"))
			for i := range 19 {
				rig.Add(spool.Item{Kind: spool.Post, Text: fmt.Sprint(i + 1), Jobs: []spool.Job{{Target: "mastodon", State: spool.Waiting}}}, nil, picture(fmt.Sprint(i+1), "alt"))
			}
			for range 100 {
				rig.fake.on("POST /api/v2/media", fakeAnswer(status, ""))
			}
			idle := make(chan struct{}, 1)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			r := spool.Runner{Spool: rig.Spool, Do: rig.m.Do, Idle: func() { idle <- struct{}{} }}
			go func() { r.Run(ctx); close(ended) }()
			<-idle
			for range 3 {
				rig.Poke()
				<-idle
			}
			stop()
			<-ended
			if n := rig.fake.count("POST /api/v2/media"); n > 1 {
				t.Errorf("%d uploads, want one at most: %v", n, rig.fake.calls)
			}
			if n := len(rig.fake.statuses); n > 0 {
				t.Errorf("%d posts", n)
			}
		})
	}
}
