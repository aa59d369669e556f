package main

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinks follows every link of every page of the project that leads to a
// file of ours or to a heading in one.
func TestLinks(t *testing.T) {
	const root = "../.."
	var pages []string
	for _, pattern := range []string{"*.md", "*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)|src="([^"]+)"`)
	followed := 0
	for _, page := range pages {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			to := m[1] + m[2]
			if strings.Contains(to, "://") {
				continue
			}
			followed++
			file, anchor, _ := strings.Cut(to, "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(page), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", page, to, err)
			} else if anchor != "" && !headings(read(t, target))[anchor] {
				t.Errorf("%s: the link %s leads to a heading that %s does not have", page, to, target)
			}
		}
	}
	if len(pages) < 8 || followed < 20 {
		t.Errorf("%d pages and %d links: some are not found", len(pages), followed)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// headings returns the anchors of a page, as GitHub makes them.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	code := false
	other := regexp.MustCompile(`[^a-z0-9 _-]`)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		level := strings.TrimLeft(line, "#")
		if code || level == line || !strings.HasPrefix(level, " ") {
			continue
		}
		name := other.ReplaceAllString(strings.ToLower(strings.TrimSpace(level)), "")
		anchors[strings.ReplaceAll(name, " ", "-")] = true
	}
	return anchors
}
