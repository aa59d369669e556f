package sns

import (
	"fmt"
	"net/http"
	"strings"

	"snsbridge/src/camera"
	"snsbridge/src/spool"
)

// auth takes POST /SITE/auth: login and logout.
func (s *Server) auth(w http.ResponseWriter, r *http.Request) error {
	body, err := s.document(r.Body)
	if err != nil {
		return err
	}
	site, err := siteOf(r)
	if err != nil {
		return err
	}
	client := clientOf(r)
	m := parseMarkup(body)
	switch method, _ := m.attr("Request", "Method"); strings.ToLower(method) {
	case "login":
		return s.login(w, r, m, client, site)
	case "logout":
		if sess := s.session(m, client); sess != nil {
			s.sessions.end(sess)
			s.finish(sess)
		}
		answer(w, http.StatusOK, success)
		return nil
	}
	if len(body) == 0 {
		// The NX300 does so now and then, and tries again (users' report).
		return refuse(http.StatusBadRequest, codeRetry, "empty login")
	}
	s.capture(r, "neither login nor logout", body)
	return refuse(http.StatusBadRequest, "400", "neither login nor logout")
}

func (s *Server) login(w http.ResponseWriter, r *http.Request, m markup, client, site string) error {
	user, err := userName(m)
	if err != nil {
		s.capture(r, "login without a user name that can be read: "+err.Error(), []byte(m.raw))
		if s.Sender != nil {
			return notAllowed(codeAccount, "sender", "", "login failed: %v", err)
		}
		// Sites that send their users to a page of their own ask without a
		// name, and a new model may encrypt it in a new way. Where everybody
		// may send it is not needed.
	}
	user = limit(oneLine(user), 320)
	if s.Sender != nil && !s.Sender(user) {
		return notAllowed(codeAccount, "sender", user, "user %q is not in the list of allowed senders", user)
	}
	sess, complete := s.sessions.begin(client, site, user, s.Now())
	for _, old := range complete {
		s.finish(old)
	}
	s.sighted(client, "", "login", site)
	s.strangers.drop(client, s.mac(client), "wanted-login")
	s.Log.Info("login", "client", client, "site", site, "user", user)
	// The firmware of the NX300 searches for each key as it stands here: tag,
	// one blank, attribute, equals, quote. The fourth line is no XML, and it
	// is what works.
	answer(w, http.StatusOK, fmt.Sprintf(`<Response SessionKey="%s">
<PersistKey Value=""/>
<CryptSessionKey Value="%s"/>
<LoginPeopleID="snsbridge"/>
<OAuth URL="http://%s/oauth"/>
</Response>`, sess.id, sess.id, camera.HostSNS))
	return nil
}

// session returns the session that a document names, nil if it is none of
// this client's.
func (s *Server) session(m markup, client string) *session {
	key, _ := m.attr("Request", "SessionKey")
	if key == "" {
		key, _ = m.attr("SessionKey", "Value")
	}
	return s.sessions.get(key, client, s.Now())
}

var errNoSession = refuse(http.StatusUnauthorized, codeSession, "not logged in, or logged in too long ago")

// announce takes POST /SITE/photo and /SITE/video: one for each file, before
// its bytes. The answer says where these are to go.
func (s *Server) announce(w http.ResponseWriter, r *http.Request) error {
	body, err := s.document(r.Body)
	if err != nil {
		return err
	}
	site, err := siteOf(r)
	if err != nil {
		return err
	}
	m := parseMarkup(body)
	client := clientOf(r)
	sess := s.session(m, client)
	if sess == nil {
		return errNoSession
	}
	name, _ := m.attr("File", "Name")
	if name == "" {
		s.capture(r, "an announcement without a file name", body)
	}
	// NX300: the album is called as the camera is.
	model, _ := m.attr("Album", "Name")
	sl := &slot{
		session: sess, site: site, name: strings.Clone(spool.Name(name)),
		model: strings.Clone(limit(oneLine(model), modelMax)),
		typed: strings.Clone(limit(strings.TrimSpace(m.text("Content")), textMax)),
	}
	s.nextPost(sess, sl)
	token := s.sessions.announce(sl)
	if token == "" {
		return errNoSession
	}
	s.sighted(client, sl.model, "announced", spool.Name(name))
	answer(w, http.StatusOK, fmt.Sprintf(`<Response HostAddr="%s:80" ResourceID="upload/%s" />`, camera.HostSNS, token))
	return nil
}

// siteOf returns the site's name from the path. Which names there are depends
// on the firmware, so every simple word is one.
func siteOf(r *http.Request) (string, error) {
	site, _, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	site = strings.ToLower(site)
	for _, c := range site {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return "", refuse(http.StatusNotFound, "404", "no such site")
		}
	}
	if len(site) > 32 {
		return "", refuse(http.StatusNotFound, "404", "no such site")
	}
	return strings.Clone(site), nil // of a path that may be long
}
