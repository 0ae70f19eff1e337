package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/apptest"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/config"
	"github.com/tonggao/tonggao/internal/signature"
	"github.com/tonggao/tonggao/internal/storetest"
)

// TestTheOperatorsProgramHearsOfReports files one over HTTP.
func TestTheOperatorsProgramHearsOfReports(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		url, events := listener(t)
		p := apptest.Start(t, s, func(c *config.Config) {
			c.NoticeURL, c.NoticeSecret, c.WebhookNetworks = url, signature.NewSecret(), []string{"127.0.0.0/8"}
		})
		a := p.Article(article.CreateInput{Title: "软食不等于糊糊", Category: p.Category("行业新闻", "news", nil).ID,
			Publisher: &p.Publisher("云渡颐园", true).ID}, p.Store.Clock())
		p.MustAsk("", `mutation ($id: ID!) { fileReport(input: { target: $id, kind: RUMOUR, statement: "这里说得不对。" }) { receipt } }`,
			map[string]any{"id": a.ID}, new(any))
		ctx, cancel := context.WithTimeout(context.Background(), mostToBeTold)
		defer cancel()
		for {
			if err := p.Notices.Round(ctx); err != nil {
				t.Fatal(err)
			}
			select {
			case e := <-events:
				if e.Type != "report.filed" || !strings.HasPrefix(e.id, "ntc_") {
					t.Errorf("%+v", e)
				}
				return
			case <-ctx.Done():
				t.Fatal("it hears of nothing")
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
}
