package main

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// What is waited for is a request that is being answered, until the client
// can have the whole answer; not a connection that was opened in reserve.
func TestAnswering(t *testing.T) {
	a := newAnswering()
	seen, idle := make(chan bool), make(chan bool)
	answer := make(chan bool)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen <- true
			<-answer
			io.WriteString(w, "all of it")
		}),
		ConnState: func(c net.Conn, s http.ConnState) {
			a.note(c, s)
			if s == http.StateNew {
				idle <- true
			}
		},
	}
	server.SetKeepAlivesEnabled(false)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	defer server.Close()
	reserve, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer reserve.Close()
	<-idle
	a.wait(time.Hour)

	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	<-idle
	io.WriteString(client, "GET / HTTP/1.0\r\n\r\n")
	<-seen
	if a.none() {
		t.Error("a request is being answered, and nothing is waited for")
	}
	a.wait(0) // ends, answered or not
	close(answer)
	a.wait(time.Hour)
	server.Close()
	b, err := io.ReadAll(client)
	if err != nil || len(b) < 9 || string(b[len(b)-9:]) != "all of it" {
		t.Errorf("got %q, %v", b, err)
	}
}
