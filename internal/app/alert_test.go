package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestAlerts checks the alerts that the operator's program receives over HTTP: of a new
// report, and of a takedown and a restoration with what the publisher must be notified of.
func TestAlerts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		url, events := listener(t)
		p := apptest.Start(t, s, func(c *config.Config) {
			c.NoticeURL, c.NoticeSecret, c.WebhookNetworks = url, webhooksig.NewSecret(), []string{"127.0.0.0/8"}
		})
		publisher, cover := p.Publisher("云渡颐园", true).ID, "/media/0123456789abcdef0123456789abcdef01234567/320.jpg"
		a := p.Article(article.CreateInput{Cover: &cover, Title: "软食不等于糊糊", Category: p.Category("行业新闻", "news", nil).ID, Publisher: &publisher}, p.Store.Clock())
		ctx, cancel := context.WithTimeout(context.Background(), deliveryTimeout)
		defer cancel()
		expect := func(kind string, of ...string) {
			t.Helper()
			for {
				if err := p.Alerts.Round(ctx); err != nil {
					t.Fatal(err)
				}
				select {
				case e := <-events:
					if e.Type != kind || !strings.HasPrefix(e.id, "ntc_") {
						t.Errorf("%s under %s; want %s", e.body, e.id, kind)
					}
					for _, part := range of {
						if !strings.Contains(e.body, part) {
							t.Errorf("%s lacks %s", e.body, part)
						}
					}
					return
				case <-ctx.Done():
					t.Fatalf("no alert of %s", kind)
				case <-time.After(20 * time.Millisecond):
				}
			}
		}
		item, moderator := map[string]any{"id": a.ID}, p.Token(viewer.Moderator, "")
		p.MustAsk("", `mutation ($id: ID!) { fileReport(input: { target: $id, kind: RUMOUR, statement: "这里说得不对。" }) { receipt } }`, item, new(any))
		expect("report.filed", `"target":"`+a.ID+`"`)
		p.MustAsk(moderator, `mutation ($id: ID!) { takeDown(input: { item: $id, reason: "侵犯隐私，先下架。" }) { takedown { id } } }`, item, new(any))
		expect("measure.taken", `"item":"`+a.ID+`","publisher":"`+publisher+`"`, "侵犯隐私，先下架。",
			`"pictures":["/media/0123456789abcdef0123456789abcdef01234567/"]`)
		p.MustAsk(moderator, `mutation ($id: ID!) { restore(input: { item: $id, reason: "核实后恢复。" }) { takedown { id } } }`, item, new(any))
		expect("measure.lifted", `"publisher":"`+publisher+`"`, "核实后恢复。")
	})
}
