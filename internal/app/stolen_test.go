package app_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent/migrate"
	"github.com/tonggao/tonggao/internal/api/upload"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestStolenDatabase steals the database and an archive, without the key, and asks the live
// server with each value found in them, as token, receipt, idempotency key and as the key of
// forged links: nothing sealed opens, and no case can be read or acted on.
func TestStolenDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		a := p.Article(article.CreateInput{Title: "临江步道开放"}, s.Clock())
		in := map[string]any{"target": a.ID, "kind": "PRIVACY", "statement": "照片拍到了我家的门牌。",
			"contact": "zqcontact13900001234", "idempotencyKey": "0d3ad0c7-zq-idempotency"}
		receipt := file(t, p, in)
		attached, err := p.Reports.Attach(portal.System(), receipt, []byte("%PDF-1.7 zqfile 身份证"))
		if err != nil {
			t.Fatal(err)
		}
		p.Token(viewer.Moderator, "")
		if file(t, p, in) != receipt {
			t.Error("a reporter who retries is not given the same receipt")
		}
		loot := steal(t, p)
		for _, canary := range []string{receipt, "zqcontact", "zqfile", "zq-idempotency"} {
			if slices.ContainsFunc(loot.database, func(value string) bool { return strings.Contains(value, canary) }) {
				t.Errorf("the database holds %s", canary)
			}
		}
		if slices.ContainsFunc(loot.archive, func(value string) bool { return strings.Contains(value, receipt) }) {
			t.Error("the archive holds the receipt")
		}
		if len(loot.database) < 50 || len(loot.archive) < 20 {
			t.Errorf("only %d and %d values were found", len(loot.database), len(loot.archive))
		}
		for _, value := range append(loot.database, loot.archive...) {
			tryValue(t, p, value, attached.ID)
		}
		for _, value := range loot.database {
			tryIdempotencyKey(t, p, value, in)
		}
		if found, err := p.Reports.Status(portal.System(), receipt); err != nil || found.Status != "FILED" && found.Status != "NEEDS_MATERIAL" {
			t.Errorf("the case is %v, %v", found, err)
		}
	})
}

// file files a report and returns its receipt, or nothing.
func file(t *testing.T, p *apptest.Program, in map[string]any) string {
	t.Helper()
	var data struct{ FileReport struct{ Receipt string } }
	answer := p.Ask("", `mutation ($in: FileReportInput!) { fileReport(input: $in) { receipt } }`, map[string]any{"in": in})
	if err := json.Unmarshal(answer.Data, &data); err != nil && len(answer.Errors) == 0 {
		t.Fatal(err)
	}
	return data.FileReport.Receipt
}

// loot is the distinct values of a stolen database and of a stolen archive.
type loot struct{ database, archive []string }

// steal reads every value of every table, without a key, and the strings of an archive.
func steal(t *testing.T, p *apptest.Program) (l loot) {
	t.Helper()
	opened, err := store.Open(context.Background(), store.Options{URL: p.Portal.Store.URL, Clock: p.Portal.Store.Clock})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	found := map[string]bool{}
	for _, table := range migrate.Tables {
		rows, err := opened.Client(portal.System()).QueryContext(portal.System(), "SELECT * FROM "+table.Name)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, to := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				to[i] = &values[i]
			}
			if err := rows.Scan(to...); err != nil {
				t.Fatal(err)
			}
			for _, value := range values {
				switch value := value.(type) {
				case string:
					found[value] = true
				case []byte:
					found[string(value)] = true
				}
			}
		}
		_ = rows.Close()
	}
	l.database = sortedKeys(found)
	var archive bytes.Buffer
	if err := p.Exporter().Export(portal.System(), &archive, exporter.Position{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	found = map[string]bool{}
	for _, part := range strings.Split(archive.String(), `"`) {
		if part = strings.TrimSpace(part); part != "" && len(part) < 500 {
			found[part] = true
		}
	}
	l.archive = sortedKeys(found)
	return l
}

func sortedKeys(of map[string]bool) (list []string) {
	for key := range of {
		if key != "" {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return list
}

// tryValue asks the server with a stolen value in each role that it might have.
func tryValue(t *testing.T, p *apptest.Program, value, attachment string) {
	t.Helper()
	if found, err := p.Reports.Status(context.Background(), value); err == nil {
		t.Errorf("%.40q is a receipt: %v", value, found)
	}
	if _, err := p.Reports.ActByReceipt(context.Background(), report.Withdraw, report.ReceiptInput{Receipt: value}); err == nil {
		t.Errorf("%.40q withdraws the case", value)
	}
	send := func(method, path, header, text string) int {
		r, err := http.NewRequest(method, p.URL+path, strings.NewReader("%PDF-1.7"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header[http.CanonicalHeaderKey(header)] = []string{text}
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return 0 // a value that no header may have
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if status := send(http.MethodPost, "/upload", upload.ReceiptHeader, value); status == http.StatusOK {
		t.Errorf("%.40q adds a file to the case", value)
	}
	if status := send(http.MethodGet, "/graphql?query=%7Bsite%7Bname%7D%7D", "Authorization", "Bearer "+value); status == http.StatusOK {
		t.Errorf("%.40q is a token", value)
	}
	until := strconv.FormatInt(p.Portal.Store.Clock().Add(time.Hour).Time().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(value))
	_, _ = fmt.Fprintf(mac, "link %s %s", attachment, until)
	link := report.AttachmentPath + attachment + "?" + url.Values{"until": {until}, "signature": {hex.EncodeToString(mac.Sum(nil))}}.Encode()
	if status := send(http.MethodGet, link, "X-Try", "1"); status == http.StatusOK {
		t.Errorf("a link signed with %.40q opens the file", value)
	}
}

// tryIdempotencyKey files a report with the key. A key that was used before for another
// report would be a CONFLICT.
func tryIdempotencyKey(t *testing.T, p *apptest.Program, value string, in map[string]any) {
	t.Helper()
	if n := len([]rune(value)); n < 16 || n > 128 {
		return
	}
	again := map[string]any{}
	for name, given := range in {
		again[name] = given
	}
	again["idempotencyKey"] = value
	if answer := p.Ask("", `mutation ($in: FileReportInput!) { fileReport(input: $in) { report { status } userErrors { code } } }`,
		map[string]any{"in": again}); strings.Contains(answer.Body, "CONFLICT") {
		t.Errorf("%.40q is an idempotency key that was used: %s", value, answer.Body)
	}
}
