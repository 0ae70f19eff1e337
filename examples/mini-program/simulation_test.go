// Package miniprogram_test drives the mini-program of this folder in WeChat's own
// simulation and its client against the running program.
package miniprogram_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

// portal starts the program with its demo content.
func portal(t *testing.T) *apptest.Program {
	return apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Demo, c.BaseURL = true, terminalcheck.Site })
}

// phone opens the simulation with the mini-program of this folder; its requests are proxied
// to the program.
func phone(t *testing.T, p *apptest.Program) *browsertest.Browser {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata")))
	mux.Handle("POST /graphql", proxy(t, p.URL))
	mux.Handle("/media/", proxy(t, p.URL))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	files := program(t, server.URL)
	mux.HandleFunc("/files.json", func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(files) })
	b := browsertest.Start(t)
	b.Viewport(375, 720)
	b.Open(server.URL + "/simulation.html")
	await(t, b, "load()", nil)
	return b
}

// program returns the files of the mini-program, with the replacement of rich-text; origin is
// the address of its API.
func program(t *testing.T, origin string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() == "node_modules" {
			return fs.SkipDir
		}
		folder, replacement := strings.CutPrefix(filepath.ToSlash(path), "testdata/rich-text/")
		if !replacement && strings.HasPrefix(path, "testdata") {
			return err
		}
		if replacement {
			folder = "rich-text/" + folder
		}
		switch filepath.Ext(path) {
		case ".js", ".json", ".wxml", ".wxss":
			text, err := os.ReadFile(path)
			files[folder] = string(text)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	here, err := json.Marshal(origin)
	if err != nil {
		t.Fatal(err)
	}
	files["config.js"] = strings.Replace(files["config.js"], "'http://127.0.0.1:8080'", string(here), 1)
	files["client.js"] = strings.Replace(files["client.js"], "timeout = 15000", "timeout = 600000", 1) // a busy machine is no failure
	return files
}

// await evaluates an asynchronous JavaScript expression and reads its value.
func await(t *testing.T, b *browsertest.Browser, expression string, result any) {
	t.Helper()
	b.Evaluate(`window.answer = null; (async () => ({ value: await (`+expression+`) }))().then((a) => { window.answer = a }, (e) => { window.answer = { thrown: String(e && e.stack || e) } }); 0`, nil)
	b.Until("window.answer")
	var answer struct {
		Value  json.RawMessage
		Thrown string
	}
	b.Evaluate("window.answer", &answer)
	if answer.Thrown != "" {
		t.Fatalf("%s: %s", expression, answer.Thrown)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(answer.Value, result); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
}
