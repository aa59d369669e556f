package sns

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

const (
	sessionIdle = 30 * time.Minute // a camera that is off for longer logs in again
	sessionsMax = 64
	slotsMax    = 64        // announced and not yet sent, a session
	heldMax     = 128 << 10 // bytes that all announcements may take
	slotCost    = 512       // bytes of one, beside what was typed
)

// session is one login of one camera. Sessions are in memory only: after a
// restart a camera is told to log in again, which it does.
type session struct {
	id     string
	client string
	site   string
	user   string

	// These are guarded by sessions.mu.
	used    time.Time
	slots   int // announced, not uploaded
	running int // uploads

	mu    sync.Mutex // held while a photo is filed
	post  *post
	quiet *time.Timer
}

// post is what the photos of one post have in common. Cameras never say how
// many there will be, and send the same text with each.
type post struct {
	item  string
	site  string
	typed string
	alts  []string
	count int
}

// described tells whether each description has its photo, and each photo its
// description.
func (p *post) described() bool { return len(p.alts) > 0 && p.count == len(p.alts) }

// slot is an announced upload, named by an unguessable token. What changes of
// it is guarded by sessions.mu.
type slot struct {
	session *session
	token   string
	order   uint64 // of the announcements
	site    string
	name    string
	model   string
	typed   string
	done    int64 // bytes of the upload that was accepted; a camera that did not hear so sends again
}

// sessions holds the logins and what they announced.
type sessions struct {
	mu    sync.Mutex
	byID  map[string]*session
	slots map[string]*slot
	held  int // bytes of all slots
	order uint64
}

func (sl *slot) cost() int { return slotCost + len(sl.typed) }

func token() string {
	var b [16]byte
	rand.Read(b[:]) // cannot fail
	// 32 characters: what cameras are known to cope with.
	return hex.EncodeToString(b[:])
}

// begin makes a session for a client whose name was accepted. It returns the
// sessions whose posts are complete: those that end, since they were not used
// for long or, if there are too many, the oldest of the client that has most;
// and the client's earlier ones of the same site. Those go on: behind one
// address (of a repeater, or of the way to a bridge elsewhere) can be several
// cameras.
func (s *sessions) begin(client, site, user string, now time.Time) (sess *session, complete []*session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID, s.slots = map[string]*session{}, map[string]*slot{}
	}
	for _, old := range s.byID {
		switch {
		case old.running > 0:
		case now.Sub(old.used) > sessionIdle:
			s.drop(old)
			complete = append(complete, old)
		case old.client == client && old.site == site:
			complete = append(complete, old)
		}
	}
	if len(s.byID) >= sessionsMax {
		if old := s.leastMissed(); old != nil {
			s.drop(old)
			complete = append(complete, old)
		}
	}
	sess = &session{id: token(), client: client, site: site, user: user, used: now}
	s.byID[sess.id] = sess
	return sess, complete
}

// leastMissed returns the session that was not used for longest among those of
// the client that has most. It has no upload running; nil if all have.
func (s *sessions) leastMissed() *session {
	count := map[string]int{}
	for _, sess := range s.byID {
		if sess.running == 0 {
			count[sess.client]++
		}
	}
	var found *session
	for _, sess := range s.byID {
		more := 0
		if found != nil {
			more = count[sess.client] - count[found.client]
		}
		if sess.running == 0 && (found == nil || more > 0 || more == 0 && sess.used.Before(found.used)) {
			found = sess
		}
	}
	return found
}

// get returns the session of a key, which must be the client's own.
func (s *sessions) get(id, client string, now time.Time) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	sess := s.byID[id]
	if sess == nil || sess.client != client || now.Sub(sess.used) > sessionIdle {
		return nil
	}
	sess.used = now
	return sess
}

// end removes a session.
func (s *sessions) end(sess *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(sess)
}

func (s *sessions) drop(sess *session) {
	delete(s.byID, sess.id)
	for t, sl := range s.slots {
		if sl.session == sess {
			s.dropSlot(t)
		}
	}
}

func (s *sessions) dropSlot(token string) {
	sl := s.slots[token]
	delete(s.slots, token)
	s.held -= sl.cost()
	if sl.done == 0 {
		sl.session.slots--
	}
}

// announce makes a slot and returns its token, "" if the session has ended. An
// announcement that nothing followed makes room for the new one: the oldest of
// the session, or, if all clients together have announced too much, the oldest
// of the client that announced most.
func (s *sessions) announce(sl *slot) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[sl.session.id] == nil {
		return ""
	}
	if sl.session.slots >= slotsMax {
		s.dropSlot(s.oldest(func(other *slot) bool { return other.session == sl.session && other.done == 0 }))
	}
	for s.held+sl.cost() > heldMax {
		crowd := s.busiest()
		s.dropSlot(s.oldest(func(other *slot) bool { return other.session.client == crowd }))
	}
	s.held += sl.cost()
	sl.session.slots++
	s.order++
	sl.token, sl.order = token(), s.order
	s.slots[sl.token] = sl
	return sl.token
}

// oldest returns the token of the first slot of some.
func (s *sessions) oldest(of func(*slot) bool) (token string) {
	for t, sl := range s.slots {
		if of(sl) && (token == "" || sl.order < s.slots[token].order) {
			token = t
		}
	}
	return token
}

// busiest returns the client whose slots take most.
func (s *sessions) busiest() (client string) {
	held := map[string]int{}
	for _, sl := range s.slots {
		c := sl.session.client
		held[c] += sl.cost()
		if held[c] > held[client] {
			client = c
		}
	}
	return client
}

// upload returns the announced upload of a token, which must be the client's,
// and notes that its bytes are coming. done is the size of what was accepted
// for it before, 0 if nothing was.
func (s *sessions) upload(token, client string, now time.Time) (sl *slot, done int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sl = s.slots[token]
	if sl == nil || sl.session.client != client {
		return nil, 0
	}
	sl.session.used = now
	sl.session.running++
	return sl, sl.done
}

// uploaded notes that an upload was accepted.
func (s *sessions) uploaded(sl *slot, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sl.done == 0 && s.slots[sl.token] == sl {
		sl.session.slots--
	}
	sl.done = size
}

// ended notes that an upload has ended, whatever became of it, and returns how
// many of its session are still running.
func (s *sessions) ended(sess *session, now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sess.used = now
	sess.running--
	return sess.running
}

// idle tells whether no upload of a session is running.
func (s *sessions) idle(sess *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sess.running == 0
}
