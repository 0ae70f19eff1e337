package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// deliveryTimeout is after how long an event counts as missing. It is long, because it only
// passes where the test fails.
const deliveryTimeout = 5 * time.Minute

// event is one event as it arrives.
type event struct {
	id   string
	body string
	Type string
	Data struct {
		Kind, ItemType, ItemID string
		Item                   json.RawMessage
	}
}

// line summarises an event: its type, its item and whether it has the item's content.
func (e event) line() string {
	with := "without"
	if string(e.Data.Item) != "null" {
		with = "with"
	}
	return e.Type + " " + e.Data.ItemID + " " + with
}

// listener starts a receiver and returns the channel of what it receives.
func listener(t *testing.T) (url string, events chan event) {
	t.Helper()
	events = make(chan event, 100)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		e := event{id: r.Header.Get("Webhook-Id"), body: string(body)}
		if err != nil || json.Unmarshal(body, &e) != nil {
			t.Errorf("%v: %s", err, body)
		}
		events <- e
	}))
	t.Cleanup(s.Close)
	return s.URL, events
}

// TestWebhookOfCategory checks the events of a webhook that is filtered by a category: what is
// in the category, what enters and what leaves it, each event under an id of its own, and
// without the content that is no longer public.
func TestWebhookOfCategory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, func(c *config.Config) {
			c.WebhookInterval, c.WebhookNetworks = 20*time.Millisecond, []string{"127.0.0.0/8"}
		})
		news, life, publisher := p.Category("行业新闻", "news", nil), p.Category("生活服务", "life", nil), p.Publisher("青禾养老网编辑部", true)
		write := func(title, category string) string {
			a := p.Article(article.CreateInput{Title: title, Category: category, Publisher: &publisher.ID}, s.Clock().Add(-time.Hour))
			return a.ID
		}
		inside, outside := write("社区食堂开门了", news.ID), write("院子里的花", life.ID)
		first := p.Comment(comment.AddInput{Article: inside, Text: "真好。"}, true)
		hidden := write("很快就撤下的", news.ID)
		editor, integrator := p.Token(viewer.Editor, ""), p.Token(viewer.Integrator, "")
		ask := func(token, query string, arguments ...any) {
			t.Helper()
			if a := p.Ask(token, fmt.Sprintf(query, arguments...), nil); len(a.Errors) > 0 || !strings.Contains(a.Body, `"userErrors":[]`) {
				t.Fatalf("%s", a.Body)
			}
		}
		url, events := listener(t)
		seen, late := map[string]string{}, time.After(deliveryTimeout)
		next := func() (e event) { // the next new one: delivery is at least once
			for {
				select {
				case e = <-events:
				case <-late:
					return e
				}
				line, again := seen[e.id]
				if again && line != e.line() {
					t.Errorf("%s is delivered as %s and as %s", e.id, line, e.line())
				}
				if !again {
					seen[e.id] = e.line()
					return e
				}
			}
		}
		expect := func(lines ...string) {
			t.Helper()
			for _, want := range lines {
				if e := next(); e.line() != want {
					t.Fatalf("delivered %s (%s), want %s", e.line(), e.id, want)
				}
			}
		}
		ask(editor, `mutation { unpublishArticle(input: {article: %q}) { userErrors { message } } }`, hidden)
		ask(integrator, `mutation { createWebhook(input: {url: %q, fromBeginning: true, filter: {types: [ARTICLE, COMMENT], category: %q}}) { userErrors { message } } }`, url, news.ID)
		expect("article.published "+inside+" with", "comment.created "+first.ID+" with")
		ask(editor, `mutation { updateArticle(input: {article: %q, version: 2, category: %q}) { userErrors { message } } }`, inside, life.ID)
		expect("article.left_filter " + inside + " without")
		ask(editor, `mutation { updateArticle(input: {article: %q, version: 3, category: %q}) { userErrors { message } } }`, inside, news.ID)
		expect("article.updated "+inside+" with", "comment.created "+first.ID+" with")
		ask(editor, `mutation { updateArticle(input: {article: %q, version: 2, title: "与这个栏目无关"}) { userErrors { message } } }`, outside)
		ask(editor, `mutation { deleteArticle(input: {id: %q}) { userErrors { message } } }`, inside)
		expect("article.deleted " + inside + " without")
	})
}
