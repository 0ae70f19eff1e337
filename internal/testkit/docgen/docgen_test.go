package docgen_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(1_000)) {
		d := docgen.Document(seed)
		if err := d.Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if body.Hash(d) != body.Hash(docgen.Document(seed)) {
			t.Fatalf("seed %d gives two documents", seed)
		}
	}
}

func TestArticle(t *testing.T) {
	t.Parallel()
	d := docgen.Article(1, 4000)
	count := 0
	body.Walk(d, func(_ body.Path, n body.Node) bool {
		count += len([]rune(n.Text))
		return true
	})
	if err := d.Validate(); err != nil || count < 4000 || count > 5000 {
		t.Fatalf("%d characters, %v", count, err)
	}
}
