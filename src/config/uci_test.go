package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadUCI(t *testing.T) {
	tests := []struct {
		text, want, reason string
	}{
		{"config a 'b'\n\toption c 'd'\n", "a b: c=d", "as uci itself writes"},
		{"config a\n\toption c d\n", "a : c=d", "no name, no quotes"},
		{"c a b\no c d\nl e f\n", "a b: c=d e=[f]", "libuci takes the first letters"},
		{"package a\nconfig b\n", "b : ", "uci export begins so"},
		{"config a\n\tlist c 'd'\n\tlist c 'e f'\n", "a : c=[d|e f]", "a list"},
		{"config a\n\toption c 'd'\n\tlist c 'e'\n", "a : c=[d|e]", "an option becomes a list"},
		{"config a\n\tlist c 'd'\n\toption c 'e'\n", "a : c=e", "an option replaces a list"},
		{"config a\n\toption c 'd'\n\toption c 'e'\n", "a : c=e", "the last one counts"},
		{"config a\n\toption c 'd'\n\toption c ''\n", "a : c=d", "an empty one is none"},
		{"config a\n\tlist c ''\n\tlist c 'd'\n", "a : c=[|d]", "an empty value in a list is one"},
		{"config a b\n\toption c 1\nconfig x\nconfig a b\n\toption d 2\n", "a b: c=1 d=2 x : ", "two of one name are one"},
		{"config a\nconfig a\n", "a :  a : ", "two without a name are two"},
		{"config a # x\n\toption c 'd'# x\n\t# option e 'f'\n#option g 'h'\n", "a : c=d", "comments"},
		{"config a\n\toption c d#e\n", "a : c=d", "libuci's comment begins within a word"},
		{"config a\n\toption c 'd#e;f'\n", "a : c=d#e;f", "within quotes it does not"},
		{`config a` + "\n" + `option c 'it'\''s'` + "\n", "a : c=it's", "how uci writes a quote"},
		{`config a` + "\n" + `option c "a\"b\\c\nd"` + "\n", `a : c=a"b\cnd`, "a backslash in double quotes is for the next byte"},
		{`config a` + "\n" + `option c 'a\b'` + "\n", `a : c=a\b`, "in single quotes it is itself"},
		{`config a` + "\n" + `option c a\ b\#\;` + "\n", `a : c=a b#;`, "without quotes"},
		{"config a\n\toption c 'd\ne'\n\toption f 'g'\n", "a : c=d\ne f=g", "a value of two lines"},
		{"config a\n\toption c \"d\\\ne\"\n", "a : c=de", "a line that goes on"},
		{"config a\n\toption c d\\\ne\n", "a : c=de", "the same without quotes"},
		{"config a\r\n\toption c d\\\r\ne\r\n", "a : c=de", "the same from Windows"},
		{"config a\n\toption c d\\\n e\n", "", "what then begins with a blank is one too many"},
		{"config a; option c d; option e f\n", "a : c=d e=f", "several in a line"},
		{"config a\n\toption c 'd'\"e\"f\n", "a : c=def", "pieces"},
		{"config a\r\n\toption c d\r\n", "a : c=d", "from Windows"},
		{"\tconfig a\n\n\n  option\tc\td", "a : c=d", "blanks of all kinds, and no end of line"},
		{"", "", "nothing"},
		{"# nothing", "", "but a comment"},
	}
	for _, tt := range tests {
		sections, err := readUCI("file", tt.text)
		if got := show(sections); got != tt.want || (err != nil) != (tt.reason == "what then begins with a blank is one too many") {
			t.Errorf("%s: %q is\n%q, want\n%q; %v", tt.reason, tt.text, got, tt.want, err)
		}
	}
}

func show(sections []*uciSection) string {
	var parts []string
	for _, s := range sections {
		var options []string
		for _, o := range s.options {
			if o.list {
				options = append(options, o.name+"=["+strings.Join(o.values, "|")+"]")
			} else {
				options = append(options, o.name+"="+o.values[0])
			}
		}
		parts = append(parts, s.typ+" "+s.name+": "+strings.Join(options, " "))
	}
	return strings.Join(parts, " ")
}

// uciText writes a value as libuci does.
func uciText(value string) string { return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'" }

// routerFile writes a file of UCI, and the mounts of a router with a stick.
func routerFile(tb testing.TB, text string) (file, mounts string) {
	tb.Helper()
	dir := tb.TempDir()
	file, mounts = filepath.Join(dir, "snsbridge"), filepath.Join(dir, "mountinfo")
	for name, content := range map[string]string{
		file:   text,
		mounts: "1 0 0:1 / / rw - overlay overlayfs:/overlay rw\n2 1 0:2 / /tmp rw - tmpfs tmpfs rw\n3 1 8:1 / /mnt/sdz1 rw - ext4 /dev/sdz1 rw\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return file, mounts
}

func loadRouter(tb testing.TB, text string) *UCI {
	tb.Helper()
	u, err := loadUCI(routerFile(tb, text))
	if err != nil {
		tb.Fatalf("%v\nin\n%s", err, text)
	}
	u.Config.File = ""
	return u
}

// TestBadUCI has one file for each way to be wrong, as TestBad has.
func TestBadUCI(t *testing.T) {
	files, err := filepath.Glob("testdata/uci/bad/*.uci")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text, wrong, _ := strings.Cut(string(b), "#~ ")
			file, mounts := routerFile(t, text)
			u, err := loadUCI(file, mounts)
			if err == nil {
				t.Fatalf("taken: %+v", u)
			}
			got := strings.ReplaceAll(err.Error(), file+":", "")
			if want := strings.ReplaceAll(strings.TrimSpace(wrong), "\n#~ ", "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for key := range settings {
				if strings.Contains(key, "_") && strings.Contains(got, key) {
					t.Errorf("speaks of %s, which is TOML's word", key)
				}
			}
		})
	}
}

// TestUCIValues is about values that can be said in several ways.
func TestUCIValues(t *testing.T) {
	for value, want := range map[string]bool{
		"1": true, "on": true, "true": true, "yes": true, "enabled": true, "0": false, "off": false, "false": false, "no": false, "disabled": false,
	} {
		if u := loadRouter(t, "config snsbridge main\n\toption enabled "+value); u.Enabled != want {
			t.Errorf("%s is %v, want %v, as for the shell functions of OpenWrt", value, u.Enabled, want)
		}
	}
	for _, address := range []string{"0.0.0.0", "127.0.0.2", "169.254.1.1", "192.168.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "fd00::1", "10.1.2", ""} {
		u, err := loadUCI(routerFile(t, "config snsbridge main\n\tlist address '"+address+"'\n\toption address '"+address+"'"))
		if err == nil {
			t.Errorf("%q is taken as the cameras' address: %v", address, u.Address)
		}
	}
	for rule, want := range map[string]string{
		"option action mastodon":                       "mastodon.pub", // there is but one
		"option action mastodon\n\toption account PUB": "mastodon.pub", // in TOML case does not matter
		"option action store":                          "store",
		"option action shell\n\toption command log":    "shell.log",
	} {
		u := loadRouter(t, "config mastodon pub\nconfig shell log\n\tlist command x\nconfig rule\n\tlist match a\n\tlist match b\n\t"+rule)
		if got := u.Config.Actions; got["a"] != want || got["b"] != want {
			t.Errorf("%s: %v, want %s", rule, got, want)
		}
	}
	u := loadRouter(t, "config smarthost\n\toption server smtp.example.org")
	if w := strings.Join(u.Config.Warnings, ""); !strings.Contains(w, "name your cameras in list mac or list sender, or your addressees in list recipient") {
		t.Errorf("the warning speaks of TOML: %s", w)
	}
}

// TestUnwise is about settings that are taken, and do not do what was meant.
func TestUnwise(t *testing.T) {
	dir := t.TempDir()
	token, alone, blank := filepath.Join(dir, "with server"), filepath.Join(dir, "alone"), filepath.Join(dir, "a program")
	for name, text := range map[string]string{token: "0123456789\nhttps://example.org\n", alone: "0123456789\n", blank: ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const mail = "config smarthost\n\toption server smtp.example.org\n\tlist recipient me@example.org\n\toption encryption "
	const pub = "config mastodon pub\n\toption token "
	const log = "config shell log\n\tlist command "
	const use = "\nconfig rule\n\toption match facebook\n\toption action mastodon\n"
	const wait = ": its posts will wait"
	for _, tt := range []struct {
		settings, want, reason string
	}{
		{mail + "starttls\n\toption port 465", "option port 465 is for option encryption 'tls': if no mail goes out, change one or the other", "the server says nothing until it hears TLS"},
		{mail + "none\n\toption port 465", "option port 465 is for option encryption 'tls': if no mail goes out, change one or the other", "the same"},
		{mail + "tls\n\toption port 587", "option port 587 is for option encryption 'starttls', not for option encryption 'tls': if no mail goes out, change one or the other", "the server expects words"},
		{mail + "tls\n\toption port 465", "", "as it should be"},
		{mail + "starttls\n\toption port 2525", "", "some do"},
		{pub + uciText(alone), "mastodon.pub: there is no option base_url, nor does a file of its option token tell the server" + wait, "no server"},
		{pub + uciText(token) + use, "", "the file tells it"},
		{pub + uciText(alone) + "\n\toption base_url https://example.org\n\toption language pt-BR" + use, "", "the settings tell it"},
		{pub + uciText(token), "mastodon.pub: no rule uses this account, so nothing is posted there; add a rule for the sites or addresses that are meant for it", "no rule"},
		{pub + "/nowhere", "mastodon.pub: there is no option base_url, and option token: there is no file /nowhere" + wait + "; run snsbridge mastodon-login", "neither"},
		{log + "'/usr/bin/logger -t photos'", `shell.log: there is no program "/usr/bin/logger -t photos": its jobs will wait; make each word its own entry of list command`, "a line for a shell"},
		{log + uciText(blank), "", "a program with a blank in its name"},
		{log + "'/mnt/sda1/hook'", "", "its stick may come later"},
	} {
		if got := strings.Join(loadRouter(t, tt.settings).Config.Warnings, "; "); got != tt.want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", tt.reason, tt.settings, got, tt.want)
		}
	}
}

// FuzzUCI shows that every text that UCI can hold reaches the program as it is,
// by way of the TOML that is written.
func FuzzUCI(f *testing.F) {
	f.Add("secret", "post")
	f.Add(`'"\#;`+"\t\r\n\v\x01\x1f\x7f\u0085\u2028\ufeff", "\U0001f4f7 ñ")
	f.Add("'''", `\u0041\`)
	f.Add("= [x]\nMAIL_PORT = 1", "[MASTODON]")
	f.Fuzz(func(t *testing.T, password, postscript string) {
		if strings.Contains(password+postscript, "\x00") {
			return
		}
		folder := t.TempDir()
		file, mounts := routerFile(t, "config storage\noption path "+uciText(folder)+
			"\nconfig smarthost\noption server localhost\noption password "+uciText(password)+
			"\nconfig mastodon pub\noption postscript "+uciText(postscript)+"\n")
		u, err := loadUCI(file, mounts)
		if err != nil {
			if strings.Contains(err.Error(), "UTF-8") {
				return
			}
			t.Fatal(err)
		}
		if got := u.Config.Mail.Password; got != password {
			t.Fatalf("the password became %q, want %q", got, password)
		}
		var b strings.Builder
		if err := u.Config.WriteTOML(&b, true); err != nil {
			t.Fatal(err)
		}
		written := filepath.Join(folder, "written.toml")
		if err := os.WriteFile(written, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(written)
		if err != nil {
			t.Fatal(err)
		}
		if !c.FromUCI {
			t.Error("that a router made the file is lost")
		}
		if got := c.Mastodon["mastodon.pub"].Postscript; c.Mail.Password != password || got != postscript {
			t.Errorf("by way of\n%s\nit became %q and %q, want %q and %q", &b, c.Mail.Password, got, password, postscript)
		}
	})
}

// FuzzReadUCI is about texts that nobody wrote as settings.
func FuzzReadUCI(f *testing.F) {
	f.Add("config a 'b'\n\toption c \"d\\\n")
	f.Fuzz(func(t *testing.T, text string) {
		sections, err := readUCI("file", text)
		if err != nil {
			return
		}
		// What was read is the same when it is written as uci does.
		var b strings.Builder
		for _, s := range sections {
			b.WriteString("config " + s.typ + " " + uciText(s.name) + "\n")
			for _, o := range s.options {
				word := "option "
				if o.list {
					word = "list "
				}
				for _, v := range o.values {
					b.WriteString(word + o.name + " " + uciText(v) + "\n")
				}
			}
		}
		again, err := readUCI("file", b.String())
		if strings.ContainsAny(b.String(), "\x00") || slices.ContainsFunc(sections, func(s *uciSection) bool { return strings.ContainsAny(s.typ, `'"\#;`) }) {
			return // a type can have what uci forgets to quote
		}
		if err != nil || show(again) != show(sections) {
			t.Errorf("%q became %q; %v", show(sections), show(again), err)
		}
	})
}
