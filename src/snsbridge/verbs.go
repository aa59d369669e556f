package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"

	"snsbridge/src/camera"
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
	if err := fl.parse(env, args, 1); err != nil {
		return err
	}
	if *file == "" {
		*file = fl.Arg(0)
	}
	c, err := loadConfig(*file)
	if err != nil {
		return err
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(env.stderr, "snsbridge: warning: %s\n", w)
	}
	if *check {
		fmt.Fprintln(env.stdout, "The settings are right.")
		return nil
	}
	return c.WriteTOML(env.stdout, *secrets)
}

func hostsVerb(_ context.Context, env environ, args []string) error {
	fl := newFlags("hosts", "the names that must lead to the bridge, as a hosts file")
	file := fl.String("config", "", "settings `FILE`, for the cameras in it")
	address := fl.String("address", "10.23.42.99", "where the names lead; not one of 192.168, which old cameras refuse")
	if err := fl.parse(env, args, 0); err != nil {
		return err
	}
	if _, err := netip.ParseAddr(*address); err != nil {
		return usageError("--address: %v", err)
	}
	var models []camera.Model
	if *file != "" {
		c, err := loadConfig(*file)
		if err != nil {
			return err
		}
		models = c.Cameras
	}
	for _, host := range camera.Hosts(models) {
		fmt.Fprintf(env.stdout, "%s\t%s\n", *address, host)
	}
	return nil
}
