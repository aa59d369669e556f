package main

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestInTime stops what never ends.
func TestInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		defer close(never)
		if err := inTime(func() { <-never }, time.Minute); err == nil {
			t.Error("something never ended, and nobody heard of it")
		}
		if err := inTime(func() { time.Sleep(30 * time.Second) }, time.Minute); err != nil {
			t.Error(err)
		}
	})
}
