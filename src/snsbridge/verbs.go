package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"snsbridge/src/camera"
	"snsbridge/src/config"
)

func modelsVerb(_ context.Context, env environ, args []string) error {
	fl := newFlags("models", "every camera: what works, what it needs")
	asJSON := fl.Bool("json", false, "for programs")
	if err := fl.parse(env, args, 0); err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(env.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(camera.Models())
	}
	return camera.WriteTable(env.stdout, camera.Models())
}

func configVerb(_ context.Context, env environ, args []string) error {
	fl := newFlags("config", "the settings in force, as TOML")
	file := fl.String("config", "", "settings `FILE`")
	check := fl.Bool("check", false, "only tell what is wrong with the settings")
	secrets := fl.Bool("secrets", false, "show passwords and tokens, too")
	uci := fl.String("uci", "", "settings `FILE` of a router, instead of --config; on a router /etc/config/snsbridge, unless there is either")
	start := fl.String("start", "", "with --uci: make the photo folder for `USER`, and find the networks in what ubus call network.interface dump says to the input")
	options := fl.Bool("options", false, "list all options of a router's settings, with their defaults")
	if err := fl.parse(env, args, 1); err != nil {
		return err
	}
	if *options {
		fmt.Fprint(env.stdout, config.UCIOptions)
		return nil
	}
	if *file == "" {
		*file = fl.Arg(0)
	}
	if *file == "" && *uci == "" && isRouter() {
		*uci = routerFile
	}
	if *uci == "" && *start != "" || *uci != "" && *file != "" {
		return usageError("--uci FILE is instead of other settings, and --start is for it alone")
	}
	c, first, err := loadSettings(env, *file, *uci, *start)
	if err != nil {
		return err
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(env.stderr, "snsbridge: warning: %s\n", w)
	}
	if *check {
		fmt.Fprintln(env.stdout, "The configuration is valid.")
		return nil
	}
	fmt.Fprint(env.stdout, first)
	return c.WriteTOML(env.stdout, *secrets)
}

// loadSettings reads a settings file, or that of a router. When the router
// starts the bridge there is a first line for its init script: a comment with
// address, port and zones of the redirects.
func loadSettings(env environ, file, uci, owner string) (c *config.Config, first string, err error) {
	if uci == "" {
		c, err = loadConfig(file)
		return c, "", err
	}
	u, err := config.LoadUCI(uci)
	switch {
	case err != nil:
		return nil, "", err
	case owner == "":
		return u.Config, "", nil
	}
	if err := u.Join(env.stdin, filepath.Join(filepath.Dir(uci), "firewall")); err != nil {
		return nil, "", err
	}
	u.CheckNames(filepath.Dir(uci))
	for _, ready := range []func(string) error{u.CheckPort, u.CheckTokens, u.Prepare} {
		if err := ready(owner); err != nil {
			return nil, "", err
		}
	}
	if uci == routerFile { // and not one that somebody tries
		u.RemoveTokens(tokenFolder, renderedFile)
	}
	return u.Config, fmt.Sprintf("# %s %d %s\n", u.Address, u.Port, strings.Join(u.Zones, " ")), nil
}

func hostsVerb(_ context.Context, env environ, args []string) error {
	fl := newFlags("hosts", "the names that must lead to the bridge, as a hosts file")
	file := fl.String("config", "", "settings `FILE`, for the cameras in it")
	dnsmasq := fl.Bool("dnsmasq", false, "lines for a settings file of dnsmasq instead, by which it asks nobody else for the names, not even for IPv6")
	address := fl.String("address", "", "where the names lead, instead of the one in the settings; not one of 192.168, which old cameras refuse")
	if err := fl.parse(env, args, 0); err != nil {
		return err
	}
	if _, err := netip.ParseAddr(*address); err != nil && *address != "" {
		return usageError("--address: %v", err)
	}
	c := &config.Config{Address: netip.MustParseAddr(config.DefaultAddress), PageName: config.DefaultPageName}
	if *file != "" {
		var err error
		if c, err = loadConfig(*file); err != nil {
			return err
		}
	}
	names := camera.Hosts(c.Cameras)
	if c.PageName != "" {
		names = append(names, c.PageName)
	}
	for _, name := range names {
		if *dnsmasq {
			fmt.Fprintf(env.stdout, "server=/%s/\n", name)
			continue
		}
		fmt.Fprintf(env.stdout, "%s\t%s\n", cmp.Or(*address, c.Address.String()), name)
	}
	return nil
}
