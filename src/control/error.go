package control

import (
	"errors"
	"net/http"

	"snsbridge/src/spool"
)

// Error is a refusal with its reason.
type Error struct {
	// Code is one of the keys of statuses, or one of the client's: down (no
	// bridge answers at the socket), denied (it is another user's), answer (the
	// answer cannot be read); or, of a test mail, "mail-" and the code of what
	// went wrong with it.
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (e *Error) Error() string { return e.Message }

// statuses are the codes of errors with their HTTP statuses.
var statuses = map[string]int{
	"request":   http.StatusBadRequest, // what was asked for is wrong
	"not-found": http.StatusNotFound,
	"busy":      http.StatusConflict, // being delivered right now
	"open":      http.StatusConflict, // the camera is still sending
	"damaged":   http.StatusConflict,
	"storage":   http.StatusInternalServerError,
}

func wrong(message, hint string) error {
	return &Error{Code: "request", Message: message, Hint: hint}
}

// asError puts an error of the spool into words for a person.
func asError(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, spool.ErrNotFound):
		return &Error{"not-found", err.Error(), "List what is there: snsbridge queue"}
	case errors.Is(err, spool.ErrBusy):
		return &Error{"busy", err.Error(), "Try again in a minute."}
	}
	return &Error{"storage", err.Error(), "Check the storage: snsbridge doctor"}
}
