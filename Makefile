# What this project does, by name. `make` alone lists it.

GO ?= go
export CGO_ENABLED = 0
BUILD = $(GO) build -trimpath -ldflags '-s -w'

.PHONY: help demo run test bench build fuzz

help:
	@sed -n 's/^## //p' Makefile

## demo    pretend cameras send photos to the bridge; shows what became of them
demo: build
	bin/snsbridge demo

## run     the bridge, without any settings, at http://127.0.0.1:8080
run: build
	bin/snsbridge serve

## build   bin/snsbridge for this machine
build:
	$(BUILD) -o bin/snsbridge ./src/snsbridge

## test    all tests; installs what they need (Debian)
test:
	sh src/integration/install.sh
	$(GO) vet ./...
	CGO_ENABLED=1 $(GO) test -race ./src/...
	$(GO) test -count=1 -tags integration ./src/integration/...

## bench   the figures of the README, each beside its yardstick
bench: build
	$(GO) test -run '^$$' -bench . -benchtime 5x ./src/integration/...
