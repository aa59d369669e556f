package control

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRoutes(t *testing.T) {
	says := func(what string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, what+" "+r.PathValue("id")+r.PathValue("target"))
		}
	}
	handler := routes{
		"GET /status":                 says("status"),
		"GET /items/{id}":             says("show"),
		"DELETE /items/{id}":          says("remove"),
		"POST /items/{id}/retry":      says("retry"),
		"POST /targets/{target}/stop": says("stop"),
		"":                            says("nothing"),
	}
	for request, want := range map[string]string{
		"GET /status":                 "status ",
		"POST /status":                "nothing ",
		"GET /status/":                "nothing ",
		"GET /":                       "nothing ",
		"GET /items/000001-abcd":      "show 000001-abcd",
		"GET /items/a%20b":            "show a b",
		"DELETE /items/1":             "remove 1",
		"GET /items/":                 "nothing ",
		"GET /items/..%2f1":           "show ../1",
		"POST /items/1/retry":         "retry 1",
		"POST /items/1/retry/2":       "nothing ",
		"POST /targets/art.pub/stop":  "stop art.pub",
		"OPTIONS *":                   "nothing ",
		"GET http://there/items/{id}": "show {id}",
	} {
		var method, target string
		for i := range request {
			if request[i] == ' ' {
				method, target = request[:i], request[i+1:]
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		if got := w.Body.String(); got != want {
			t.Errorf("%s: got %q, want %q", request, got, want)
		}
	}
}
