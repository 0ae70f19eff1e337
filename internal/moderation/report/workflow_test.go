package report_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/check"
)

var update = flag.Bool("update", false, "write the table into the documentation")

// TestMarkdown checks that docs/reports.md has the table;
// `go test ./internal/moderation/report -update` writes it.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../../docs/reports.md", "<!-- table -->\n", "<!-- end of the table -->"
	text, err := os.ReadFile(file)
	check.NoError(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	_, after, alsoFound := strings.Cut(rest, end)
	if !found || !alsoFound {
		t.Fatal("the documentation has no place for the table")
	}
	want := before + begin + "\n" + report.Markdown() + "\n" + end + after
	if *update {
		check.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	} else if want != string(text) {
		t.Errorf("%s has another table than the code; write it with -update", file)
	}
}
