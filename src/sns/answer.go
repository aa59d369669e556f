package sns

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"snsbridge/src/spool"
)

// Codes that a camera may show. The numbers are those that Samsung's phone
// client of the same gateway knew; what a camera makes of them is not known.
const (
	codeSession = "8001" // log in again
	codeAccount = "9001" // wrong user name or password
	codeRetry   = "1000" // temporary
)

// success is the whole answer that cameras want: the HMX-QF30 took no other
// (users' report). The status must be 200 (capture of an NX300).
const success = `<Response Status="succ" />`

// answer writes a whole answer, which leaves in one TCP segment: some cameras
// look no further than the first (found for the Flask implementation, model
// not named).
func answer(w http.ResponseWriter, status int, body string) {
	h := w.Header()
	h["Content-Type"] = []string{"text/html; charset=utf-8"}
	h["Content-Length"] = []string{fmt.Sprint(len(body))}
	h["Date"] = nil
	w.WriteHeader(status)
	w.Write([]byte(body))
}

// refusal is an error with what a camera is told of it.
type refusal struct {
	status int
	code   string
	reason string

	// Which list of the settings lacks what, as in Sighting.
	lacks, value string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, code, format string, args ...any) error {
	return &refusal{status: status, code: code, reason: fmt.Sprintf(format, args...)}
}

// notAllowed refuses what a list of the settings lacks.
func notAllowed(code, list, value, format string, args ...any) error {
	return &refusal{http.StatusUnauthorized, code, fmt.Sprintf(format, args...), list, value}
}

// asRefusal finds the answer to an error of any kind.
func asRefusal(err error) *refusal {
	var r *refusal
	var e *spool.Error
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &e) && e.Kind == spool.Permanent:
		return &refusal{status: http.StatusBadRequest, code: "400", reason: e.Error()}
	case errors.Is(err, spool.ErrFull):
		return &refusal{status: http.StatusServiceUnavailable, code: codeRetry, reason: "storage is full"}
	}
	return &refusal{status: http.StatusServiceUnavailable, code: codeRetry, reason: "not saved, please try again"}
}

// answer tells a camera of the refusal in the form that it can read.
func (r *refusal) answer(w http.ResponseWriter) {
	answer(w, r.status, refusalBody(r.code, r.reason))
}

func refusalBody(code, reason string) string {
	// A comment must not contain two dashes, and this one no markup.
	reason = strings.NewReplacer("<", "(", ">", ")", "&", "+", "--", "- -").Replace(reason)
	return fmt.Sprintf("<Response ErrCode=\"%s\" ErrSubCode=\"0\" /><!-- %s -->", code, reason)
}

// ospError is the error document of the older part of Samsung's service, in
// the form its phone client read.
func ospError(w http.ResponseWriter, status int, code, message string) {
	body := `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><error><code>` + code +
		`</code><message>` + message + `</message></error>`
	answer(w, status, body)
}

// rawAnswer is a whole HTTP answer for a client whose request was no HTTP.
func rawAnswer(status int, reason string) []byte {
	body := refusalBody(fmt.Sprint(status), reason)
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
}
