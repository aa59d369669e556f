package main

import (
	"errors"

	"snsbridge/src/config"
	"snsbridge/src/spool"
)

// inWords lets what a target answers name settings as people know them: on a
// router those of UCI. The server's own words stay as they are.
func inWords(conf *config.Config, err error) error {
	var e *spool.Error
	if errors.As(err, &e) {
		e.Hint = conf.Words(e.Hint)
	}
	return err
}
