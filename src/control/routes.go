package control

import (
	"net/http"
	"net/url"
	"strings"
)

// routes are what can be asked for, by method and path, such as
// "GET /items/{id}": what stands for an element in braces is the request's
// PathValue. "" is for everything else. It does of http.ServeMux what is
// needed here; that costs 26 KB on a router.
type routes map[string]http.HandlerFunc

func (t routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for pattern, answer := range t {
		if matches(r, pattern) {
			answer(w, r)
			return
		}
	}
	t[""](w, r)
}

func matches(r *http.Request, pattern string) bool {
	method, path, _ := strings.Cut(pattern, " ")
	want, got := strings.Split(path, "/"), strings.Split(r.URL.EscapedPath(), "/")
	if method != r.Method || len(want) != len(got) {
		return false
	}
	for i, element := range want {
		switch name, isName := strings.CutPrefix(element, "{"); {
		case isName && got[i] != "":
			value, err := url.PathUnescape(got[i])
			if err != nil {
				return false
			}
			r.SetPathValue(strings.TrimSuffix(name, "}"), value)
		case element != got[i]:
			return false
		}
	}
	return true
}
