package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/api/upload"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// outside is the operator's programs: a checker that holds 传单, WeChat's check that
// holds 广告, and a captcha that accepts the answer "seven".
func outside(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, value any) {
		if err := json.NewEncoder(w).Encode(value); err != nil {
			t.Error(err)
		}
	}
	body := func(r *http.Request) string {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	mux.HandleFunc("/check", func(w http.ResponseWriter, r *http.Request) {
		action := "pass"
		if strings.Contains(body(r), "传单") {
			action = "hold"
		}
		answer(w, map[string]any{"action": action, "why": "广告传单"})
	})
	mux.HandleFunc("/captcha", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"success": r.FormValue("response") == "seven" && r.FormValue("secret") == "captcha-secret"})
	})
	mux.HandleFunc("/sns/jscode2session", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"openid": "o1"})
	})
	mux.HandleFunc("/cgi-bin/stable_token", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"access_token": "t", "expires_in": 7200})
	})
	mux.HandleFunc("/wxa/msg_sec_check", func(w http.ResponseWriter, r *http.Request) {
		suggest := "pass"
		if strings.Contains(body(r), "广告") {
			suggest = "review"
		}
		answer(w, map[string]any{"errcode": 0, "result": map[string]any{"suggest": suggest, "label": 100}})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// TestIntegrations adds comments to a program with a captcha, a checker and WeChat's check:
// each of them decides.
func TestIntegrations(t *testing.T) {
	t.Parallel()
	url := outside(t).URL
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) {
		c.CheckerURL, c.CaptchaURL, c.CaptchaSecret = url+"/check", url+"/captcha", "captcha-secret"
		c.WechatAppID, c.WechatSecret, c.WechatURL = "wx1", "wechat-secret", url
		c.WebhookNetworks = []string{"127.0.0.0/8"}
	})
	a := p.Article(article.CreateInput{Title: "小公园添了长椅", CommentsOpen: true}, p.Store.Clock())
	moderator := p.Token(viewer.Moderator, "")
	for _, c := range []struct{ text, captcha, code, want string }{
		{"坐着很舒服。", "", "", "REQUIRED"},
		{"坐着很舒服。", "eight", "", "NOT_ALLOWED"},
		{"坐着很舒服。", "seven", "", "PENDING"},
		{"发传单的来了。", "seven", "", "PENDING hook: 广告传单"},
		{"这里不该有广告。", "seven", "", "PENDING"},
		{"这里又有了广告。", "seven", "code", "PENDING wechat: review, label 100"},
	} {
		var added struct {
			AddComment struct {
				Comment    *struct{ ID string }
				UserErrors []struct{ Code string }
			}
		}
		in := map[string]any{"article": a.ID, "text": c.text, "captcha": c.captcha, "wechatCode": c.code}
		p.MustAsk("", `mutation ($in: AddCommentInput!) { addComment(input: $in) { comment { id } userErrors { code } } }`, map[string]any{"in": in}, &added)
		got := ""
		for _, e := range added.AddComment.UserErrors {
			got = e.Code
		}
		if row := added.AddComment.Comment; row != nil {
			var found struct {
				Node struct{ Status, Found string }
			}
			p.MustAsk(moderator, `query ($id: ID!) { node(id: $id) { ... on Comment { status found } } }`, map[string]any{"id": row.ID}, &found)
			got = strings.TrimSpace(found.Node.Status + " " + found.Node.Found)
		}
		if got != c.want {
			t.Errorf("%s, captcha %q, code %q: %s; want %s", c.text, c.captcha, c.code, got, c.want)
		}
	}
}

// TestBytesOfAttachments sends files to a report until the bytes that one address may store
// are used up.
func TestBytesOfAttachments(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.WriteLimit, c.WriteBytes = 0, 64<<10 })
	a := p.Article(article.CreateInput{Title: "河堤上的合唱"}, p.Store.Clock())
	var filed struct{ FileReport struct{ Receipt string } }
	p.MustAsk("", `mutation ($id: ID!) { fileReport(input: {target: $id, kind: RUMOUR, statement: "时间写错了。"}) { receipt } }`, map[string]any{"id": a.ID}, &filed)
	p.AskForFiles(filed.FileReport.Receipt)
	for sent, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		r, err := http.NewRequest(http.MethodPost, p.URL+"/upload", strings.NewReader("%PDF-1.7 "+strings.Repeat("x", 20_000+sent)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(upload.ReceiptHeader, filed.FileReport.Receipt)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("file %d: %s, want %d", sent, answer.Status, want)
		}
	}
}

// TestWriteLimitOfAttachments sends files to a report: each counts as a write of its sender.
func TestWriteLimitOfAttachments(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.WriteLimit = 1 })
	a := p.Article(article.CreateInput{Title: "河堤上的合唱"}, p.Store.Clock())
	var filed struct{ FileReport struct{ Receipt string } }
	p.MustAsk("", `mutation ($id: ID!) { fileReport(input: {target: $id, kind: RUMOUR, statement: "时间写错了。"}) { receipt } }`, map[string]any{"id": a.ID}, &filed)
	p.AskForFiles(filed.FileReport.Receipt)
	for sent := 1; ; sent++ {
		r, err := http.NewRequest(http.MethodPost, p.URL+"/upload", strings.NewReader("%PDF-1.7 证明"+strings.Repeat("x", sent)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(upload.ReceiptHeader, filed.FileReport.Receipt)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusTooManyRequests && sent > 1 {
			break
		}
		if answer.StatusCode >= 300 || sent > 5 {
			t.Fatalf("file %d: %s", sent, answer.Status)
		}
	}
}
