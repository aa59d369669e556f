// Floor is the least program with what snsbridge stands on: the library's web
// server and client, TLS, and the three modules, each called as the bridge
// calls it. It is there to be weighed, not to run.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"

	"github.com/BurntSushi/toml"
	"github.com/jordan-wright/email"
	"github.com/mattn/go-mastodon"
)

func main() {
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	var settings struct {
		Listen, Site string
		Actions      map[string]toml.Primitive
	}
	meta, err := toml.DecodeFile(flag.Arg(0), &settings)
	log.Info("settings", "unknown", meta.Undecoded(), "error", err)

	letter, err := email.NewEmail().Bytes()
	log.Info("letter", "bytes", len(letter), "error", err)
	conn, err := tls.DialWithDialer(&net.Dialer{}, "tcp", settings.Site, &tls.Config{})
	log.Info("smarthost", "connection", conn, "error", err)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	site := mastodon.NewClient(&mastodon.Config{Server: settings.Site})
	site.GetInstance(ctx)
	site.PostStatus(ctx, &mastodon.Toot{})
	site.UploadMediaFromReader(ctx, os.Stdin)
	site.GetMediaStatus(ctx, &mastodon.Attachment{})
	site.GetUserAccessToken(ctx, "", "")
	mastodon.RegisterApp(ctx, &mastodon.AppConfig{})

	exec.CommandContext(ctx, flag.Arg(1)).Run()
	json.NewDecoder(os.Stdin).Decode(&settings)
	json.NewEncoder(os.Stdout).Encode(settings)
	http.ListenAndServe(settings.Listen, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.URL)
	}))
}
