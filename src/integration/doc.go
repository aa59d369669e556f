// Package integration tests the real program from outside, as a camera and an
// owner meet it: built as for a router, run with a settings file, killed,
// starved of disk space, and sent what no camera would send.
//
// The tests need root, for they mount small file systems, and the packages
// that install.sh names. That is why they are behind the build tag
// integration and run by make test, not by go test ./...
package integration
