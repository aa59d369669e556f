package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestHints reads what the targets say: on a router each setting in it has its
// name there. What comes before a hint, the error, is the server's and the
// camera's as well, and is not translated: it must name none.
func TestHints(t *testing.T) {
	named := func(s string) (found []string) {
		for key := range settings {
			if key = key[strings.LastIndex(key, ".")+1:]; strings.Contains(s, key) {
				found = append(found, key)
			}
		}
		return found
	}
	router, hints := &Config{FromUCI: true}, 0
	for _, dir := range []string{"action", "email", "mastodon", "shell", "store"} {
		files, err := filepath.Glob("../" + dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "/token.go") { // whose errors become warnings of ours
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			inError := 0 // position at which the error's text ends
			ast.Inspect(tree, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Errorf" || f.Sel.Name == "New") {
						inError = int(n.End())
					}
				case *ast.BasicLit:
					s, _ := strconv.Unquote(n.Value)
					if len(named(s)) == 0 || !strings.Contains(s, " ") {
						break // a header, or a part of JSON
					}
					hints++
					if int(n.Pos()) < inError {
						t.Errorf("%s: the error %q names %q", file, s, named(s))
					} else if left := named(router.Words(s)); len(left) > 0 {
						t.Errorf("%s: on a router %q still names %q", file, router.Words(s), left)
					}
				}
				return true
			})
		}
	}
	if hints < 15 {
		t.Errorf("only %d hints name a setting", hints)
	}
	if s := new(Config).Words("Check MAIL_SERVER."); s != "Check MAIL_SERVER." {
		t.Errorf("elsewhere than on a router it is %q", s)
	}
}
