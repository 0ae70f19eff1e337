package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestCalendarCheck checks that the doctor reports, some weeks before, a year whose working
// days are not known, and that a file of the operator's makes them known, also to deadlines.
func TestCalendarCheck(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "calendar.json")
	notice := `[{"year": 2027, "notice": "invented", "holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-08"}], "workdays": ["2027-01-09"]}]`
	if err := os.WriteFile(file, []byte(notice), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, now string
		want      string
	}{
		{"", "2026-11-10T09:00:00+08:00", ""},
		{"", "2026-11-20T09:00:00+08:00", "the working days of 2027 are unknown"},
		{file, "2026-11-20T09:00:00+08:00", ""},
		{file, "2027-11-20T09:00:00+08:00", "the working days of 2028 are unknown"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := app.CalendarCheck(config.Config{Calendar: c.file}, now).Run(t.Context()); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s, %q: %q; want %q", c.now, c.file, got, c.want)
		}
	}

	s := storetest.SQLite(t)
	filed, err := instant.Parse("2026-12-31T10:00:00+08:00")
	if err != nil {
		t.Fatal(err)
	}
	s.Set(filed)
	p := apptest.Start(t, s, func(c *config.Config) { c.Calendar = file })
	house := p.Publisher("云渡颐园", true)
	var ignored any
	p.MustAsk("", `mutation ($id: ID!) { fileReport(input: {target: $id, kind: VIOLATION, statement: "名称是冒用的。"}) { receipt userErrors { message } } }`, map[string]any{"id": house.ID}, &ignored)
	var found struct {
		Reports struct {
			Edges []struct{ Node struct{ DueAt string } }
		}
	}
	p.MustAsk(p.Token(viewer.Moderator, ""), `{ reports(filter: {kind: `+string(report.KindVIOLATION)+`}) { edges { node { dueAt } } } }`, nil, &found)
	if due := found.Reports.Edges[0].Node.DueAt; !strings.HasPrefix(due, "2027-01-12") { // after the 9th and the 11th
		t.Errorf("due %s", due)
	}
}
