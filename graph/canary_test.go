package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestPersonalDataStaysPrivate plants canaries in everything that is personal data, and looks
// for them in all output: responses to each role, errors, the log, metrics, feeds, the change
// log, a follower, and the stored database. A moderator who states a reason is shown them,
// and the audit log records it.
func TestPersonalDataStaysPrivate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, func(c *config.Config) { c.CostLimit, c.BaseURL, c.AdminAddr = 1<<30, apptest.BaseURL, "127.0.0.1:0" })
		v := canaries{newLeakPortal(t, p)}
		v.TokenOf["ANONYMOUS"] = ""
		for _, role := range []viewer.Role{viewer.Reader, viewer.Integrator, viewer.Editor, viewer.Moderator, viewer.Admin} {
			v.TokenOf[string(role)] = p.Token(role, "")
		}
		planted := v.plant()
		out, moderated := &bytes.Buffer{}, &bytes.Buffer{} // responses to moderators are kept apart
		queries := leakQueries(v.leakPortal, 0).List
		queries = append(queries, `{ node(id: "zqnonsense") { id } }`, `mutation { reveal(input: {item: "zq", reason: "zq"}) { person { originIp } userErrors { message } } }`, `{ nothing }`)
		for who, token := range v.TokenOf {
			to := out
			if who == "MODERATOR" || who == "ADMIN" {
				to = moderated
			}
			for _, q := range queries {
				to.WriteString(v.Ask(token, q, nil).Body)
			}
			if who != "MODERATOR" && who != "ADMIN" {
				var denied struct{ Reveal any }
				if a := v.Ask(token, revealing, map[string]any{"item": planted.ids[0], "reason": "想知道"}); json.Unmarshal(a.Data, &denied) == nil && denied.Reveal != nil || a.Code() == "" {
					t.Errorf("%s is answered %s", who, a.Body)
				}
			}
		}
		out.WriteString(strings.Join(files(p), ""))
		copied := newCopy(t, p)
		out.WriteString(strings.Join(copied.files(t), "") + copied.everything(t))
		admin := *p
		admin.URL = "http://" + p.AdminAddr()
		_, metrics := admin.Fetch("GET", "/metrics")
		out.WriteString(metrics)
		out.WriteString(apptest.Stored(t, s))
		search := func(where string, text string, canaries ...string) {
			t.Helper()
			for _, canary := range append(canaries, planted.values...) {
				if i := strings.Index(text, canary); i >= 0 {
					t.Errorf("%s contains %s: …%.200s", where, canary, text[max(0, i-100):])
				}
			}
		}
		search("the output", out.String(), planted.handed...)
		search("a response to moderators", moderated.String(), planted.file)
		for _, canary := range planted.handed {
			if canary != planted.file && !strings.Contains(moderated.String(), canary) {
				t.Errorf("moderators are not shown %s", canary)
			}
		}

		shown := ""
		for _, id := range planted.ids {
			answer := v.Ask(v.TokenOf["MODERATOR"], revealing, map[string]any{"item": id, "reason": "警方来函，编号 7"}).Body
			shown += answer
			if link := regexp.MustCompile(`/attachments/[^"]*`).FindString(answer); link != "" {
				_, file := p.Fetch("GET", strings.ReplaceAll(link, `\u0026`, "&"))
				shown += file
			}
		}
		for _, canary := range append(planted.values, planted.file) {
			if !strings.Contains(shown, canary) {
				t.Errorf("a moderator is not shown %s", canary)
			}
		}
		rows, err := s.Client(apptest.System()).Audit.Query().All(apptest.System())
		if err != nil {
			t.Fatal(err)
		}
		recorded := 0
		for _, row := range rows {
			text := fmt.Sprint(row)
			search("the audit log", text, planted.handed...)
			if row.Action == "REVEAL" && strings.Contains(text, "警方来函") {
				recorded++
			}
		}
		if recorded != len(planted.ids) {
			t.Errorf("the audit log has %d of %d revelations", recorded, len(planted.ids))
		}
		if _, err := p.Audit.Verify(apptest.System(), func(int64) {}); err != nil {
			t.Errorf("the audit: %v", err)
		}
		search("the log", p.Log.String(), planted.handed...)
	})
}

const revealing = `mutation ($item: ID!, $reason: String!) {
  reveal(input: {item: $item, reason: $reason}) { person { item originIp evidence { claimant organisation contact address workTitle proof } attachments { url } } userErrors { code } }
}`

// planting is what was planted, and the ids of the items that it belongs to.
type planting struct {
	values, ids []string
	handed      []string // by the reporter, to be read by moderators
	file        string   // of those, what is in a file, which is read by a link only
}

// canaries is a portal with planted values.
type canaries struct{ *leakPortal }

func (v canaries) plant() (p planting) {
	canary := func(text string) string {
		p.values = append(p.values, text)
		return text
	}
	from := func(address string) context.Context {
		return viewer.With(context.Background(), viewer.Viewer{Role: viewer.Editor, TokenID: "tok_editor", Address: canary(address)})
	}
	house := v.Publisher("云渡颐园", true)
	text := "正文"
	a, err := v.Articles.Create(from("203.0.113.201"), article.CreateInput{Title: "看得见的", Category: v.Category("行业新闻", "news", nil).ID, Publisher: &house.ID,
		CommentsOpen: true, Body: article.BodyInput{Markdown: &text}})
	v.Do(func(context.Context) error { return err })
	v.Do(func(ctx context.Context) error {
		_, err := v.Articles.Publish(ctx, article.PublishInput{Article: a.ID})
		return err
	})
	c, err := v.Comments.Add(from("203.0.113.202"), comment.AddInput{Article: a.ID, Text: "一句话"})
	v.Do(func(context.Context) error { return err })
	v.Do(func(ctx context.Context) error {
		_, err := v.Comments.Moderate(ctx, comment.ModerateInput{Comment: c.ID, Status: "APPROVED"})
		return err
	})
	var data struct {
		FileReport struct {
			Receipt    string
			UserErrors []struct{ Message string }
		}
	}
	v.MustAsk("", `mutation ($in: FileReportInput!) { fileReport(input: $in) { receipt userErrors { message } } }`, map[string]any{"in": map[string]any{
		"target": a.ID, "kind": "COPYRIGHT", "statement": "照抄了我的文章。", "contact": canary("zqcontact13900001234"),
		"evidence": map[string]any{"claimant": canary("周见山zqclaimant"), "organisation": "河边出版社", "address": canary("zqaddress河西路8号"),
			"workTitle": "河边的食堂", "proof": "样刊第三页", "truthful": true}}}, &data)
	p.file = "zqfile%PDF 周见山的底稿"
	p.handed = []string{"zqmaterial 补充的一句话", p.file}
	v.MustAsk("", `mutation ($in: ReportMaterialInput!) { addReportMaterial(input: $in) { userErrors { message } } }`,
		map[string]any{"in": map[string]any{"receipt": data.FileReport.Receipt, "statement": p.handed[0]}}, new(any))
	v.Do(func(ctx context.Context) error {
		_, err := v.Reports.Attach(ctx, data.FileReport.Receipt, []byte("%PDF-1.7 "+p.file))
		return err
	})
	var found struct {
		Reports struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	v.MustAsk(v.TokenOf["MODERATOR"], `{ reports { edges { node { id } } } }`, nil, &found)
	p.ids = []string{a.ID, c.ID, found.Reports.Edges[0].Node.ID}
	v.IDs, v.Slugs = append(p.ids, house.ID), []string{a.Slug, "news"}
	return p
}
