#!/bin/sh
# Fuzzes with every target that there is, one after another, FUZZTIME each, and
# stops at the first that fails. What it finds is in testdata/fuzz, to be kept
# under a name that says what is wrong with it.
set -eu
each=${FUZZTIME:-30m}
go=${GO:-go}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A package's targets come before the line with its name.
targets=$($go test -list '^Fuzz' ./... | awk '/^Fuzz/ { names[++n] = $1 } /^ok/ { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }')
[ -n "$targets" ]

printf '%-40s %12s %8s\n' target execs new
echo "$targets" | while read -r package target; do
	# Go reports each 3 seconds: "fuzz: elapsed: 3s, execs: 1 (0/sec), new interesting: 2 (total: 3)".
	if ! $go test -run '^$' -fuzz "^$target\$" -fuzztime "$each" -fuzzminimizetime 1s "$package" >"$log" 2>&1; then
		cat "$log" >&2
		exit 1
	fi
	sed -n 's/.*execs: \([0-9]*\).*interesting: \([0-9]*\).*/\1 \2/p' "$log" | tail -n 1 | {
		read -r execs new
		printf '%-40s %12s %8s\n' "${package##*/src/} $target" "$execs" "$new"
	}
done
