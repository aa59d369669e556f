package email

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/spool"
)

// Photos and films pass in constant memory, and whole. What is counted is all
// that was ever allocated, by the server too, so that nothing depends on when
// the garbage is collected.
func TestMemory(t *testing.T) {
	const mb = 1 << 20
	limit := uint64(1 * mb)
	if info, _ := debug.ReadBuildInfo(); slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		limit = 64 * mb // the race detector throws away buffers that are kept for use
	}
	for _, sizes := range [][]int{{8 * mb, 8 * mb, 8 * mb, 8 * mb, 8 * mb}, {90 * mb}} {
		server := startServer(t)
		server.set(func(s *fakeServer) { s.forget = true })
		s := openSpool(t)
		var photos []picture
		var want [][32]byte
		for i, size := range sizes {
			content := noise(size, byte(i))
			photos = append(photos, picture{"SAM.MP4", content})
			want = append(want, sumOf(content))
		}
		add(s, spool.Item{Sender: "a@b.example"}, []string{"a@b.example"}, photos...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := try(s, server.smarthost())
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > limit {
			t.Errorf("%d files of %d MB: %d KiB were allocated", len(sizes), sizes[0]/mb, grown>>10)
		}
		server.set(func(s *fakeServer) {
			if !slices.Equal(s.sums, want) {
				t.Errorf("%d files of %d MB did not arrive as they were", len(sizes), sizes[0]/mb)
			}
		})
	}
}

// BenchmarkMail compares the processor time of mailing photos over STARTTLS
// with that of nothing but base64 and TLS for the same bytes. Only the sending
// thread counts, not the server's.
func BenchmarkMail(b *testing.B) {
	const files, size = 5, 6_000_000
	server := startServer(b)
	server.set(func(s *fakeServer) { s.forget = true })
	s := openSpool(b)
	photo := noise(size, 1)
	var photos []picture
	for range files {
		photos = append(photos, picture{"SAM_0001.JPG", photo})
	}
	sink, config := startDiscard(b)
	var mailed, bare time.Duration
	b.SetBytes(files * size)
	for b.Loop() {
		id := add(s, spool.Item{Sender: "a@b.example"}, []string{"a@b.example"}, photos...)
		ctx, cancel := context.WithCancel(b.Context())
		r := spool.Runner{Spool: s.Spool, Idle: cancel, Do: func(ctx context.Context, d *spool.Delivery) error {
			var err error
			mailed += threadTime(b, func() { err = server.smarthost().Do(ctx, d) })
			return err
		}}
		r.Run(ctx)
		if it, err := s.Get(id); err != nil || it.Jobs[0].State != spool.Done {
			b.Fatalf("got %+v, error %v", it, err)
		}
		if err := s.Remove(id); err != nil {
			b.Fatal(err)
		}
		bare += threadTime(b, func() {
			conn, err := tls.Dial("tcp", sink, config)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			block := make([]byte, 16<<10)
			for range files {
				for rest := photo; len(rest) > 0; {
					n := min(len(rest), len(block)/4*3)
					base64.StdEncoding.Encode(block, rest[:n])
					if _, err := conn.Write(block[:base64.StdEncoding.EncodedLen(n)]); err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
			}
		})
	}
	megabytes := float64(b.N) * files * size / 1e6
	b.ReportMetric(mailed.Seconds()*1000/megabytes, "mail-cpu-ms/MB")
	b.ReportMetric(bare.Seconds()*1000/megabytes, "bare-cpu-ms/MB")
	b.ReportMetric(mailed.Seconds()/bare.Seconds(), "mail/bare")
}

// threadTime returns the processor time that fn takes on its own thread.
func threadTime(b *testing.B, fn func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const ownThread = 1 // RUSAGE_THREAD of Linux
	now := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(ownThread, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start := now()
	fn()
	return now() - start
}

// startDiscard is a server that throws away what it gets.
func startDiscard(b *testing.B) (address string, config *tls.Config) {
	cert, pool := certificate(b, "127.0.0.1", longAgo, farAhead)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(struct{ io.Writer }{io.Discard}, conn)
			}()
		}
	}()
	return ln.Addr().String(), &tls.Config{RootCAs: pool}
}
