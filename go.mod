module snsbridge

go 1.25.0

// Without weaknesses known to `make vuln`.
toolchain go1.26.11

require (
	github.com/BurntSushi/toml v1.6.0
	github.com/jordan-wright/email v4.0.1-0.20210109023952-943e75fe5223+incompatible
	github.com/mattn/go-mastodon v0.0.13
)

require (
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/tomnomnom/linkheader v0.0.0-20250811210735-e5fe3b51442e // indirect
)

// A module of npm brings Go files along.
ignore ./src/integration/browser/node_modules
