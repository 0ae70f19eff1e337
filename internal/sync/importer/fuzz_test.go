package importer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// FuzzNDJSON checks for any input that each line is counted once, and that the export
// afterwards is an archive whose import changes nothing.
func FuzzNDJSON(f *testing.F) {
	f.Add(base)
	for l := range strings.Lines(base) {
		f.Add(l)
		f.Add(strings.Replace(l, "001", "002", 1))
		f.Add(strings.Replace(l, "2026-0", "-2026", 1))
		f.Add(l[:len(l)/2])
	}
	f.Add("\ufeff{}\r\n\n[]\nnull\n\"\\u0000\"")
	f.Fuzz(func(t *testing.T, archive string) {
		h := newPortal(t, storetest.SQLite(t))
		h.ndjson(base)
		var result importer.Result
		if err := h.importer.NDJSON(context.Background(), "a", strings.NewReader(archive), &result, func(int) {}); err != nil {
			if len(result.Rejected) > 1000 {
				return
			}
			t.Fatal(err)
		}
		lines := 0
		for i, l := range strings.Split(archive, "\n") {
			if l = strings.TrimSpace(l); i == 0 {
				l = strings.TrimPrefix(l, "\ufeff")
			}
			if l != "" {
				lines++
			}
		}
		if n := result.Created + result.Updated + result.Unchanged + result.Skipped + len(result.Rejected); n != lines {
			t.Errorf("%d lines were counted, and there are %d: %s %v", n, lines, result, result.Rejected)
		}
		before := h.export()
		if again := h.ndjson(before); again.Created+again.Updated+len(again.Rejected) > 0 {
			t.Errorf("the export is not equal to the database: %s %v", again, again.Rejected)
		}
	})
}
