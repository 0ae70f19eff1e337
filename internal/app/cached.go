package app

import (
	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/responsecache"
	"github.com/tonggao/tonggao/internal/api/telemetry"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// forOneClient are the root fields whose answers depend on who asks, or are secret.
var forOneClient = []string{"viewer", "reportStatus", "changes"}

// cached returns the cache of answers.
func (a *App) cached(metrics *telemetry.Metrics) *graphqlhttp.Cached {
	answers := responsecache.New(responsecache.Options{Bytes: int64(a.config.ResponseCache), Changes: a.Store.Invalidations(),
		Freshness: changefeed.NewFreshness(a.Log), Clock: a.Store.Clock, ViewsAge: a.config.ViewsInterval, NextDue: a.Articles.NextDue})
	metrics.WatchResponseCache(answers.Stats)
	return &graphqlhttp.Cached{Answers: answers, Control: a.config.CacheControl, Tags: a.config.CacheTags, Never: forOneClient, Hit: metrics.Hit}
}
