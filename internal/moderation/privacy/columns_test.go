package privacy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sensitive maps every column that ent/schema marks as sensitive to the test that plants
// a value in it and searches every output for that value, or to the reason for none.
var sensitive = map[string]string{
	"article.origin_address": "TestPersonalDataStaysPrivate", "comment.origin_address": "TestPersonalDataStaysPrivate", "report.origin_address": "TestPersonalDataStaysPrivate", "report.evidence": "TestPersonalDataStaysPrivate",
	"token.hash": "TestNothingLeaks", "setting.value": "keys of the installation", "webhook.secret": "TestNothingLeaks", "webhook.previous_secret": "TestNothingLeaks",
	"reportevent.material": "TestPersonalDataStaysPrivate", "attachment.content": "TestPersonalDataStaysPrivate", "attachment.hash": "a keyed hash", "report.notifier": "a keyed hash",
}

// TestSensitiveColumns fails when a column is marked as sensitive and no test checks that
// its values stay private.
func TestSensitiveColumns(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../../ent/schema/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	var found []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kind := ""
		for line := range strings.Lines(string(text)) {
			if m := regexp.MustCompile(`^type (\w+) struct`).FindStringSubmatch(line); m != nil {
				kind = strings.ToLower(m[1])
			}
			if m := regexp.MustCompile(`field\.\w+\("(\w+)"\).*\.Sensitive\(\)`).FindStringSubmatch(line); m != nil {
				found = append(found, kind+"."+m[1])
			}
		}
	}
	for _, column := range found {
		if sensitive[column] == "" {
			t.Errorf("%s is sensitive, and no test checks that it stays private", column)
		}
	}
	for column := range sensitive {
		if !slices.Contains(found, column) {
			t.Errorf("%s is not a sensitive column", column)
		}
	}
}
