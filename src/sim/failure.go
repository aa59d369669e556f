package sim

import (
	"context"
	"errors"
	"fmt"
)

// What can be wrong, as errors.Is finds it in the errors of this package. Two pieces that follow each other so fast
// that one read gets both are not seen as ErrSplit.
var (
	ErrSplit   = errors.New("the answer came in more than one piece, and cameras look at the first only")
	ErrReset   = errors.New("the server reset the connection; cameras may lose the answer with it")
	ErrStatus  = errors.New("wrong status")
	ErrMissing = errors.New("the answer lacks what this camera searches for")
	ErrTooLong = errors.New("value too long: cameras copy it into 512 bytes")
	ErrAddress = errors.New("this camera takes an address beginning with 192.168. for a hotspot's login page")
	ErrModel   = errors.New("this model cannot do that")
	ErrAborted = errors.New("cut off on purpose")
)

// Failure is why a step did not succeed in the eyes of the camera.
type Failure struct {
	Camera string // model
	Step   string // such as "e-mail"
	Shows  string // what its display would say or do
	Answer Answer // what was received, if anything
	Err    error
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s: %v; the camera %s", f.Camera, f.Step, f.Err, f.Shows)
}

func (f *Failure) Unwrap() error { return f.Err }

// verdict makes a Failure of an error, but for the context's own.
func (c Camera) verdict(step, shows string, a Answer, err error) (Answer, error) {
	switch {
	case err == nil, err == context.Canceled, err == context.DeadlineExceeded:
		return a, err
	case errors.Is(err, ErrAddress):
		shows = `says "Certification is needed from the Access Point. Connection cannot be made at this time. Call ISP for further details"`
	}
	return a, &Failure{Camera: c.Model.Title(), Step: step, Shows: shows, Answer: a, Err: err}
}
