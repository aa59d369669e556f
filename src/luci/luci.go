// Package luci answers the router's web pages: rpcd runs the program for each
// of their questions, with JSON in and JSON out.
//
// The surprising rule: it runs as root, on what a browser says. So nothing
// from there becomes a path, and what cameras have sent is read by the running
// bridge alone.
package luci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/doctor"
	"snsbridge/src/spool"
)

// Server is what answers need. The fields are set before the first call.
type Server struct {
	Client *control.Client // of the running bridge

	Settings string // the router's, a file of UCI
	Wireless string // the same for its Wi-Fi
	Started  string // file with what the bridge's last start said
	Tokens   string // folder for accounts' tokens, which is made
	Owner    string // user whom the tokens are for; "": the own one
	Pending  string // file for a login that waits for its code

	Leases     string // file of dnsmasq with the devices that have an address of it
	Neighbours string // file of the kernel with those that it has talked to

	Log     func(context.Context) ([]byte, error) // the router's log
	Restart func(context.Context) error           // of the bridge
	Examine func(context.Context) doctor.Report   // why the bridge does not answer; it asks no server
}

const (
	requestMax = 256 << 10        // bytes: every text of a post at its longest
	answerMax  = 900 << 10        // bytes: ubus carries 1 MiB
	answerTime = 18 * time.Second // less than the 20 s that LuCI waits
)

// arguments are those of all methods.
type arguments struct {
	ID      string       `json:"id"`
	IDs     []string     `json:"ids"`
	Before  string       `json:"before"`
	State   string       `json:"state"`
	Changes control.Edit `json:"changes"`
	Target  string       `json:"target"`
	Fresh   bool         `json:"fresh"`
	To      string       `json:"to"`
	Server  string       `json:"server"`
	Handle  string       `json:"handle"`
	Code    string       `json:"code"`
	Name    string       `json:"name"`
}

// method is what pages can ask for. Takes names its arguments with a value of
// the type that each has, as rpcd wants to know it.
type method struct {
	takes map[string]any
	call  func(*Server, context.Context, arguments) (any, error)
}

// methods are all of them. Who may call which is in LuCI's access list.
var methods = map[string]method{
	"overview":        {map[string]any{"fresh": true}, (*Server).overview},
	"queue":           {map[string]any{"before": "", "state": ""}, (*Server).queue},
	"thumbnails":      {map[string]any{"ids": []string{}}, (*Server).thumbnails},
	"phone":           {map[string]any{}, (*Server).phone},
	"item":            {map[string]any{"id": ""}, (*Server).item},
	"log":             {map[string]any{}, (*Server).log},
	"models":          {map[string]any{}, (*Server).models},
	"hotspots":        {map[string]any{}, (*Server).hotspots},
	"retry":           {map[string]any{"id": ""}, (*Server).retry},
	"retry_all":       {map[string]any{}, (*Server).retryAll},
	"edit":            {map[string]any{"id": "", "changes": map[string]any{}}, (*Server).edit},
	"delete":          {map[string]any{"id": ""}, (*Server).remove},
	"pause":           {map[string]any{"target": ""}, (*Server).pause},
	"resume":          {map[string]any{"target": ""}, (*Server).resume},
	"restart":         {map[string]any{}, (*Server).restart},
	"mail_test":       {map[string]any{"to": ""}, (*Server).mailTest},
	"mastodon_begin":  {map[string]any{"server": ""}, (*Server).mastodonBegin},
	"mastodon_finish": {map[string]any{"handle": "", "code": "", "name": ""}, (*Server).mastodonFinish},
}

// List tells rpcd what can be called.
func (s *Server) List(out io.Writer) error {
	list := map[string]map[string]any{}
	for name, m := range methods {
		list[name] = m.takes
	}
	return json.NewEncoder(out).Encode(list)
}

// Call answers one question. What goes wrong is an answer, too: {"error":
// {"code", "message", "hint"}}.
func (s *Server) Call(ctx context.Context, name string, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer, err := s.call(ctx, name, in)
	var b []byte
	if err == nil {
		b, err = json.Marshal(answer)
	}
	if err == nil && len(b) > answerMax {
		err = &control.Error{Code: "too-long", Message: "the answer is too long for this page", Hint: "Use the command line: snsbridge show ID"}
	}
	if err != nil {
		if b, err = json.Marshal(map[string]*control.Error{"error": asError(err)}); err != nil {
			return err
		}
	}
	_, err = out.Write(append(b, '\n'))
	return err
}

func (s *Server) call(ctx context.Context, name string, in io.Reader) (any, error) {
	m, ok := methods[name]
	if !ok {
		return nil, &control.Error{Code: "request", Message: "there is no such method", Hint: "The pages and the program may be of different versions: update both."}
	}
	b, err := io.ReadAll(io.LimitReader(in, requestMax+1))
	if err != nil {
		return nil, err
	}
	var a arguments
	if b = bytes.TrimSpace(b); len(b) > requestMax {
		return nil, &control.Error{Code: "request", Message: "the request is too long", Hint: "Shorten the texts."}
	}
	if len(b) > 0 {
		if err := json.Unmarshal(b, &a); err != nil {
			return nil, &control.Error{Code: "request", Message: "the request cannot be read: " + err.Error()}
		}
	}
	return m.call(s, ctx, a)
}

// asError makes an answer of an error.
func asError(err error) *control.Error {
	var answer *control.Error
	var failure *spool.Error
	var setting *config.Error
	switch {
	case errors.As(err, &answer):
		return answer
	case errors.As(err, &failure):
		return &control.Error{Code: "failed-" + failure.Code, Message: err.Error(), Hint: failure.Hint}
	case errors.As(err, &setting):
		return &control.Error{Code: "settings", Message: err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &control.Error{Code: "timeout", Message: "there was no answer in time", Hint: "Try again."}
	}
	return &control.Error{Code: "failed", Message: err.Error()}
}
