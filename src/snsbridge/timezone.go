package main

import (
	"encoding/binary"
	"io"
	"os"
	"strings"
	"time"
)

// useRouterZone makes the router's time zone the one in which times are shown,
// and folders are named by dates. Go's library looks for TZ in the environment
// and for /etc/localtime; OpenWrt has neither, unless a package of zones is
// installed.
func useRouterZone() {
	if _, set := os.LookupEnv("TZ"); set {
		return
	}
	if _, err := os.Stat("/etc/localtime"); err == nil {
		return
	}
	time.Local = timeZone("/etc/TZ")
}

const tzMax = 256 // bytes of a rule

// timeZone reads a file with a time zone as a rule of POSIX, such as
// CET-1CEST,M3.5.0,M10.5.0/3. What is not there, or no such rule, is UTC.
func timeZone(file string) *time.Location {
	f, err := os.Open(file)
	if err != nil {
		return time.UTC
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, tzMax))
	if err != nil {
		return time.UTC
	}
	// Go's library reads such a rule where a file of zones has it: as its last
	// line, for the times after all that the file lists (RFC 8536 section 3).
	// This file lists nothing but UTC, which holds if the rule cannot be read.
	header := func(zones, chars uint32) []byte {
		h := append([]byte("TZif2"), make([]byte, 15+4*4)...)
		h = binary.BigEndian.AppendUint32(h, zones)
		return binary.BigEndian.AppendUint32(h, chars)
	}
	data := append(header(0, 0), header(1, 4)...)
	data = append(data, 0, 0, 0, 0, 0, 0)
	data = append(data, "UTC\x00\n"+strings.TrimSpace(string(b))+"\n"...)
	zone, err := time.LoadLocationFromTZData("Local", data)
	if err != nil {
		return time.UTC
	}
	return zone
}
