// Snsbridge takes photos from Samsung's Wi-Fi cameras of 2009 to 2015 in the
// place of Samsung's servers, which are gone, and sends them on.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"snsbridge/src/spool"
)

const usage = `snsbridge revives the Wi-Fi upload of Samsung cameras made 2009-2015.

Usage: snsbridge COMMAND [OPTION...]

  serve [--config FILE]       take photos from cameras; without a file into
                              ./photos, at http://127.0.0.1:8080
  demo                        let pretend cameras send photos, and show what
                              became of them
  status                      cameras, queue, targets and storage of the running
                              bridge
  queue [--state STATE]       what cameras sent, and what became of it
  show ID                     all about one item
  retry ID... | --all         try deliveries now
  edit ID [OPTION...]         change texts and targets; complete a draft
  delete ID...                delete items with their photos
  pause TARGET, resume TARGET keep everything for a target waiting; go on
  doctor [--config FILE]      which link between camera and inbox is broken,
                              and what to do about it
  simulate --model NX300 --to HOST:PORT [OPTION...] [FILE...]
                              a pretend camera that sends to any bridge
  config [--check] [--config FILE]
                              the settings in force, without the secrets
  config --options            all options of a router's settings, and their
                              defaults
  hosts [--config FILE] [--address 10.23.42.99]
                              the names that must lead to the bridge
  mastodon-login SERVER       log in at a server for Mastodon apps, get a token
  models [--json]             every camera: what works, what it needs
  rpcd list | call METHOD     answers for the router's web pages
  version                     the version; also --version

"snsbridge VERB --help" tells the options of a verb.
Exit status: 0 done, 1 failed, 2 called wrongly.
`

// version is set when a package is built.
var version = "devel"

// environ is what a verb has of the world, so that tests can be the world.
type environ struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

func main() {
	useRouterZone()
	os.Exit(run(untilSignal(context.Background()), environ{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:]))
}

// verb is one word of the command line.
type verb func(ctx context.Context, env environ, args []string) error

var verbs = map[string]verb{
	"serve":          serveVerb,
	"demo":           demoVerb,
	"status":         statusVerb,
	"queue":          queueVerb,
	"show":           showVerb,
	"retry":          retryVerb,
	"edit":           editVerb,
	"delete":         deleteVerb,
	"pause":          pauseVerb,
	"resume":         resumeVerb,
	"doctor":         doctorVerb,
	"simulate":       simulateVerb,
	"config":         configVerb,
	"hosts":          hostsVerb,
	"models":         modelsVerb,
	"mastodon-login": mastodonLoginVerb,
	"rpcd":           rpcdVerb,
	"version":        versionVerb,
}

// run does what the arguments ask for and returns the exit status.
func run(ctx context.Context, env environ, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(env.stderr, usage)
		return 2
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		fmt.Fprint(env.stdout, usage)
		return 0
	case "-version", "--version":
		args[0] = "version"
	}
	v, ok := verbs[args[0]]
	if !ok {
		fmt.Fprintf(env.stderr, "snsbridge: error: unknown command %q\nhint: snsbridge help\n", args[0])
		return 2
	}
	err := v(ctx, env, args[1:])
	switch {
	case err == nil, errors.Is(err, errHelp):
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(env.stderr, "snsbridge: error: %v\nhint: snsbridge %s --help\n", err, args[0])
		return 2
	}
	// Several errors joined are one a line.
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(env.stderr, "snsbridge: error: %s\n", line)
	}
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(env.stderr, "hint: %s\n", hint)
	}
	return 1
}

// errUsage is in the chain of errors of those who called wrongly.
var errUsage = errors.New("wrong call")

func usageError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// hinted is an error with a next step for the person.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

// hintOf returns the next step that an error knows, "" if it knows none.
func hintOf(err error) string {
	var h *hinted
	var e *spool.Error
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &e):
		return e.Hint
	}
	return ""
}

func withHint(err error, hint string) error { return &hinted{err, hint} }

func versionVerb(_ context.Context, env environ, _ []string) error {
	fmt.Fprintf(env.stdout, "snsbridge %s\n", version)
	return nil
}
