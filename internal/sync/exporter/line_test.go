package exporter_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/tonggao/tonggao/internal/store/pagination"
)

// archiveLine is the type, the id and the parent of a line.
func archiveLine(t *testing.T, text string) (kind, id, parent string) {
	t.Helper()
	var l struct{ Type, ID, Parent string }
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatalf("%v: %.200s", err, text)
	}
	return l.Type, l.ID, l.Parent
}

// find is the ids of the articles that a search shows to everybody, newest first.
func (h *house) find(t *testing.T, words string) (ids []string) {
	t.Helper()
	first := pagination.MaxSize
	found, err := h.articles.Search(context.Background(), words, nil, pagination.Request{First: &first})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found.Edges {
		ids = append(ids, e.Node.ID)
	}
	return ids
}
