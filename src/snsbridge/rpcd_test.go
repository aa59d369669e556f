package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// rpcd reads what is written to the output, and nothing else.
func TestRpcd(t *testing.T) {
	for _, c := range []struct {
		args   string
		in     string
		status int
		want   string // in the output
	}{
		{"list", "", 0, `"overview":{"fresh":true}`},
		{"call shell", `{"id":"x"}`, 0, `{"error":{"code":"request"`},
		{"call models", `{"ubus_rpc_session":"x"}`, 0, `"id":"NX300"`},
		{"call", "", 2, ""},
		{"", "", 2, ""},
		{"call models more", "", 2, ""},
	} {
		var out, errs bytes.Buffer
		status := run(context.Background(), environ{strings.NewReader(c.in), &out, &errs}, append([]string{"rpcd"}, strings.Fields(c.args)...))
		if status != c.status || !strings.Contains(out.String(), c.want) || c.status == 0 && !json.Valid(out.Bytes()) {
			t.Errorf("rpcd %s: status %d, %.200s %s", c.args, status, &out, &errs)
		}
	}
}
