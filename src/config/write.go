package config

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteTOML writes the settings in force as a settings file. Without secrets,
// passwords and tokens are replaced by stars.
func (c *Config) WriteTOML(w io.Writer, secrets bool) error {
	hide := func(s string) string {
		if secrets || s == "" {
			return s
		}
		return "***"
	}
	t := map[string]any{
		"LISTEN":            c.Listen,
		"CONTROL_SOCKET":    c.ControlSocket,
		"ADDRESS":           c.Address.String(),
		"PAGE_NAME":         c.PageName,
		"UPLOAD_FOLDER":     c.UploadFolder,
		"SPOOL_FOLDER":      c.SpoolFolder,
		"INSECURE_DOWNLOAD": c.InsecureDownload,
		"STORE_PATH":        c.StorePath,
		"ALT_TEXT":          c.AltText,
		"MAX_FILE":          c.MaxFile,
		"RESERVE":           c.Reserve,
		"KEEP_DONE":         fmt.Sprintf("%d s", int64(c.KeepDone.Seconds())),
		"ACTIONS":           c.Actions,
	}
	set := func(key string, value any, given bool) {
		if given {
			t[key] = value
		}
	}
	set("FROM_UCI", true, c.FromUCI)
	set("STATE_FOLDER", c.StateFolder, c.StateFolder != c.SpoolFolder)
	set("FORMER_FOLDER", c.FormerFolder, c.FormerFolder != "")
	set("SECRET", hide(c.Secret), c.Secret != "")
	set("PAGE_PIN", hide(c.PagePIN), c.PagePIN != "")
	set("SENDERS", c.Senders, len(c.Senders) > 0)
	set("RECIPIENTS", c.Recipients, len(c.Recipients) > 0)
	interfaces := texts(c.Interfaces)
	if c.Shared {
		interfaces = append(interfaces, shared)
	}
	set("INTERFACES", interfaces, len(interfaces) > 0)
	var models []string
	for _, m := range c.Cameras {
		models = append(models, m.ID)
	}
	set("CAMERAS", models, len(models) > 0)
	set("CAMERA_MACS", c.CameraMACs, len(c.CameraMACs) > 0)
	if m := c.Mail; m.Server != "" {
		t["MAIL_SERVER"], t["MAIL_PORT"], t["MAIL_PER_DAY"] = m.Server, m.Port, m.PerDay
		t["MAIL_USE_TLS"], t["MAIL_USE_SSL"], t["MAIL_REMOVE_LOCATION"] = m.StartTLS, m.TLS, m.RemoveLocation
		set("MAIL_USERNAME", m.Username, m.Username != "")
		set("MAIL_PASSWORD", hide(m.Password), m.Password != "")
		set("MAIL_FROM", m.From, m.From != "")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Mastodon)) {
		m := c.Mastodon[name]
		m.Token = hide(m.Token)
		nest(t, name, m)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Shell)) {
		nest(t, name, c.Shell[name])
	}
	_, err := w.Write(appendTOML(nil, "", t))
	return err
}

// nest puts the settings of an instance such as "mastodon.pub" into the table
// of its kind.
func nest(t map[string]any, name string, v any) {
	kind, instance, _ := strings.Cut(strings.ToUpper(name), ".")
	fields := map[string]any{}
	switch v := v.(type) {
	case Mastodon:
		fields["BASE_URL"], fields["TOKEN"], fields["POSTSCRIPT"] = v.BaseURL, v.Token, v.Postscript
		fields["VISIBILITY"], fields["LANGUAGE"], fields["ALT_TEXT"] = v.Visibility, v.Language, v.AltText
		fields["REMOVE_LOCATION"] = v.RemoveLocation
	case Shell:
		fields["CMD"], fields["STDIN"] = append([]string{}, v.Command...), v.Stdin
		fields["TIMEOUT"], fields["REMOVE_LOCATION"] = v.Timeout.text, v.RemoveLocation
	}
	if instance == "" {
		t[kind] = fields
		return
	}
	if t[kind] == nil {
		t[kind] = map[string]any{}
	}
	t[kind].(map[string]any)[strings.ToLower(instance)] = fields
}

func texts[T fmt.Stringer](list []T) []string {
	s := make([]string, len(list))
	for i, v := range list {
		s[i] = v.String()
	}
	return s
}
