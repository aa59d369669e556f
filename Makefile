# What this project does, by name. `make` alone lists it.

GO ?= go
export CGO_ENABLED = 0
# The Go that go.mod names, by name: where the machine's own is pinned (Debian, the images of
# Docker) it would take no other. Offline, with a Go that is new enough: make GOTOOLCHAIN=local
export GOTOOLCHAIN = $(shell sed -n 's/^toolchain //p' go.mod)
# As for routers: without HTTP/2, which no server that we talk to insists on,
# and without inlining but where it counts. That is a tenth of the program, and
# of the memory that its pages take.
FLAGS = -buildvcs=false -trimpath -tags nethttpomithttp2 -ldflags "-s -w" \
	-gcflags=all=-l $(foreach p,$(shell cat src/mkipk/inlined.txt),-gcflags=$(p)=)

# The tools have a module file of their own, with their versions and hashes.
TOOL = $(GO) tool -modfile=src/integration/tools.mod

.PHONY: help demo run test bench build tests fuzz vuln ipk apk deb pictures

help:
	@sed -n 's/^## //p' Makefile

## demo    pretend cameras send photos to the bridge; shows what became of them
demo: build
	bin/snsbridge demo

## run     the bridge, without any settings, at http://127.0.0.1:8080
run: build
	bin/snsbridge serve

## build   bin/snsbridge for this machine
build: OUT = bin/snsbridge
build: PROGRAM ?= ./src/snsbridge
build:
	$(GO) build $(FLAGS) -o $(OUT) $(PROGRAM)

# The tests of PACKAGES as programs in the folder OUT, to be run elsewhere.
tests:
	$(GO) test -c $(FLAGS) -o $(OUT)/ $(PACKAGES)

## ipk     bin/*.ipk for OpenWrt to 24.10 and GL.iNet; apk: from 25.12; deb: Debian; for ONLY=mipsel_24kc or all
ipk apk deb:
	$(GO) run ./src/mkipk $(if $(ONLY),-only $(ONLY)) $@

## test    all tests; installs what they need (Debian, as root, with Node)
test:
	sh src/integration/install.sh
	$(GO) vet -tags integration ./...
	$(TOOL) staticcheck -tags integration ./...
	CGO_ENABLED=1 $(GO) test -race ./src/...
	$(GO) test -count=1 -timeout 40m -tags integration ./src/integration
	node --test $(wildcard src/integration/browser/*.test.mjs luci-app/tests/*.test.mjs)

## fuzz    every fuzz target for 30 minutes each, or FUZZTIME=1m
fuzz:
	GO=$(GO) sh src/integration/fuzz.sh

## vuln    known weaknesses in what the program calls, Go's own library included
vuln: VULNDB = $(shell $(GO) mod download -json golang.org/x/vulndb@latest | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
vuln:
	$(TOOL) govulncheck -db file://$(VULNDB)/data/osv ./src/snsbridge

## pictures  takes the pictures of the README from the running product
pictures:
	sh src/integration/install.sh
	node src/integration/browser/pictures.mjs

## bench   what it costs, each figure beside its yardstick and its budget
bench:
	sh src/integration/install.sh
	$(GO) test -tags integration -run '^$$' -bench . -benchtime 1x ./src/integration
