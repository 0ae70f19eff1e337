package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/api/broadcast"
	"github.com/tonggao/tonggao/internal/api/explorer"
	"github.com/tonggao/tonggao/internal/api/feeds"
	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/moderatorui"
	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/api/server"
	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/api/telemetry"
	"github.com/tonggao/tonggao/internal/api/upload"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/app/demo"
	"github.com/tonggao/tonggao/internal/app/demo/picture"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/media/disk"
	"github.com/tonggao/tonggao/internal/content/media/s3"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/geoip"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/alert"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/wordlist"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/webhook"
)

// App is the whole program, listening and ready to run.
type App struct {
	*Services
	config  config.Config
	logger  *slog.Logger
	metrics *telemetry.Metrics
	server  *server.Server
	words   *wordlist.Service

	Pictures *media.Service

	webhooks   *webhook.Service
	deliveries *webhook.Runner
	Files      media.Files
}

// Start opens everything that `serve` needs. Run serves it, Close undoes it.
func Start(ctx context.Context, c config.Config, logger *slog.Logger, version string) (*App, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	sockets, err := server.Listen(c.Addr, c.AdminAddr)
	if err != nil {
		return nil, err
	}
	metrics := telemetry.New(version)
	fittings, err := NewIntegrations(c)
	if err != nil {
		return nil, errors.Join(err, sockets.Close())
	}
	house, err := Open(ctx, store.Options{URL: c.Database, Keys: Keys(c, logger), Observe: metrics.Statement}, logger, fittings)
	if err != nil {
		return nil, errors.Join(err, sockets.Close())
	}
	if err := CalendarCheck(c, time.Now()).Run(ctx); err != nil {
		logger.WarnContext(ctx, "the calendar of working days ends soon", "error", err)
	}
	if err := house.Refill(ctx); err != nil {
		return nil, errors.Join(err, house.Close(), sockets.Close())
	}
	a, err := Assemble(ctx, house, sockets, c, logger, metrics)
	if err != nil {
		return nil, errors.Join(err, house.Close(), sockets.Close())
	}
	return a, nil
}

// Assemble puts the faces before a house, on sockets.
func Assemble(ctx context.Context, house *Services, sockets *server.Sockets, c config.Config, logger *slog.Logger, metrics *telemetry.Metrics) (*App, error) {
	a := &App{Services: house, config: c, logger: logger, metrics: metrics}
	a.openWebhooks(metrics)
	if c.Demo {
		if c.BaseURL == "" && !strings.HasSuffix(c.Addr, ":0") {
			a.config.BaseURL = "http://" + c.Addr // so that the pictures show on every terminal
		}
		if err := a.fillDemo(viewer.AsSystem(ctx)); err != nil {
			return nil, err
		}
	}
	var err error
	if a.words, err = wordlist.New(house.Store, house.Audit, house.Words, c.Words); err != nil {
		return nil, err
	}
	if err := a.words.Load(ctx); err != nil {
		return nil, err
	}
	if a.Files, err = Storage(c); err != nil {
		return nil, err
	}
	a.Pictures = media.New(house.Store, house.Audit, a.Files, media.Limits{Bytes: int64(c.UploadBytes), Pixels: int64(c.UploadPixels)})
	writes := graph.NewWrites(c.WriteLimit, func() time.Time { return a.Store.Clock().Time() })
	withExplorer := a.config.Explorer || a.config.Demo
	listeners := subscribers.New(subscribers.Options{Ended: a.Tokens.Ended, Logger: a.logger})
	webSockets := subscribers.New(subscribers.Options{Logger: a.logger})
	options := server.Options{
		GraphQL: graphqlhttp.New(a.resolver(writes).Schema(), graphqlhttp.Options{
			Introspection: withExplorer,
			Limits:        querycost.Limits{Price: int64(a.config.CostLimit)},
			Prices:        graph.Prices,
			Logger:        a.logger,
			RequestID:     func(ctx context.Context) string { return reqinfo.From(ctx).ID },
			Extensions:    metrics.Extensions(a.logger),
			Streams: graphqlhttp.StreamOptions{Authenticate: a.Tokens.Authenticate, Subscriptions: listeners, Sockets: webSockets,
				Origins: a.config.Origins, Observe: metrics},
		}),
		EndStreams: func(ctx context.Context) error {
			return errors.Join(listeners.Close(ctx), webSockets.Close(ctx))
		},
		Feeds:        a.feeds(),
		ModeratorUI:  moderatorui.Handler(),
		Upload:       upload.Upload(upload.Options{Pictures: a.Pictures, BaseURL: a.config.BaseURL, Observe: metrics.Upload, Attachments: limited{a.Reports, writes}}),
		Attachments:  upload.ServeAttachments(a.Reports, report.AttachmentPath),
		Media:        a.media(),
		Metrics:      metrics.Handler(),
		Authenticate: a.Tokens.Authenticate,
		Ready:        a.Store.Ping,
		Observe:      metrics.Request,
		Logger:       a.logger,
		Origins:      a.config.Origins,
		RateLimit:    a.config.RateLimit,
		DrainPause:   a.config.DrainPause,
	}
	if withExplorer {
		options.Explorer = explorer.Handler(explorer.Options{Endpoint: "/graphql", Query: FirstQuery})
	}
	options.TrustedProxies = networks(a.config.TrustedProxies)
	a.server = server.New(sockets, options)
	return a, nil
}

// limited takes files of reports as often as an address may write.
type limited struct {
	*report.Service
	writes *graph.Writes
}

// Admit counts, and asks the service.
func (l limited) Admit(ctx context.Context, receipt string) error {
	if err := l.writes.Take(ctx); err != nil {
		return err
	}
	return l.Service.Admit(ctx, receipt)
}

func (a *App) resolver(writes *graph.Writes) *graph.Resolver {
	return &graph.Resolver{Articles: a.Articles, Categories: a.Categories, Publishers: a.Publishers,
		Regions: a.Regions, Comments: a.Comments, Reports: a.Reports, Takedowns: a.Takedowns, Privacy: a.Privacy, Pictures: a.Pictures, WordLists: a.words,
		Writes: writes, Site: a.Site, Views: a.Views, ChangeLog: a.Log,
		ChangePages: broadcast.New[*changefeed.Page](a.Log, a.logger),
		Webhooks:    a.webhooks, Rendered: render.NewCache(renderedBytes), Clock: a.Store.Clock, BaseURL: a.config.BaseURL}
}

// openWebhooks makes what webhooks are kept and delivered with.
func (a *App) openWebhooks(metrics *telemetry.Metrics) {
	allow := networks(a.config.WebhookNetworks)
	a.webhooks = webhook.New(a.Store, a.Log, webhook.Options{Keys: a.Store.Keys, Allow: allow})
	a.deliveries = a.webhooks.Runner(webhook.RunnerOptions{Client: egress.New(egress.Options{Allow: allow}), Logger: a.logger,
		Interval: a.config.WebhookInterval, Observe: metrics.Webhook, Paused: metrics.WebhookStopped})
}

// networks reads what Validate has looked at.
func networks(texts []string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// Storage is where uploaded pictures lie.
func Storage(c config.Config) (media.Files, error) {
	if c.MediaS3 == (config.S3{}) {
		return disk.New(c.MediaDir), nil
	}
	return s3.New(s3.Options{Endpoint: c.MediaS3.Endpoint, Bucket: c.MediaS3.Bucket, Region: c.MediaS3.Region,
		AccessKey: c.MediaS3.AccessKey, SecretKey: c.MediaS3.SecretKey})
}

// media serves the demo's pictures, which are drawn, and those that were uploaded.
func (a *App) media() server.Handler {
	drawn, uploaded := picture.Handler(), upload.Serve(a.Files, a.Pictures, a.Tokens.Authenticate)
	return func(w http.ResponseWriter, r *http.Request) error {
		if strings.HasPrefix(r.URL.Path, picture.Prefix) {
			drawn.ServeHTTP(w, r)
			return nil
		}
		return uploaded(w, r)
	}
}

// Fit is the fittings that the settings ask for.
func NewIntegrations(c config.Config) (f Integrations, err error) {
	calendar, err := calendar(c)
	if err != nil {
		return f, err
	}
	f.Calendar = &calendar
	if f.Regions, err = geoip.Open(c.IPRegions...); err != nil {
		return f, err
	}
	client := &http.Client{Timeout: checkTime}
	if c.CheckerURL != "" {
		f.Checkers = append(f.Checkers, &contentcheck.Hook{URL: c.CheckerURL, Client: client})
	}
	if c.CaptchaURL != "" {
		f.Captcha = &captcha.Siteverify{URL: c.CaptchaURL, Secret: c.CaptchaSecret,
			Client: egress.New(egress.Options{Allow: networks(c.WebhookNetworks), Timeout: checkTime, Excerpt: captcha.AnswerBytes})}
	}
	f.Alerts = alert.Options{URL: c.NoticeURL, Secret: c.NoticeSecret, Client: egress.New(egress.Options{Allow: networks(c.WebhookNetworks)})}
	if c.WechatAppID != "" {
		f.Checkers = append(f.Checkers, &contentcheck.WeChat{AppID: c.WechatAppID, Secret: c.WechatSecret, Base: c.WechatURL, Client: client, Clock: time.Now})
	}
	return f, nil
}

// calendar is the State Council's notices, with those of the operator's file.
func calendar(c config.Config) (workday.Calendar, error) {
	if c.Calendar == "" {
		return workday.Official(), nil
	}
	more, err := workday.LoadFile(c.Calendar)
	return workday.Official().Merge(more), err
}

func (a *App) feeds() *feeds.Handler {
	return feeds.New(feeds.Options{Store: a.Store, Articles: a.Articles, Categories: a.Categories,
		Publishers: a.Publishers, Site: a.Site, BaseURL: a.config.BaseURL, Logger: a.logger})
}

// renderedBytes is how much of what was rendered is kept.
const renderedBytes = 64 << 20

// fillDemo writes the demo portal into an empty database. It refuses one with
// content of its own, for which the demo's tokens and explorer are not meant.
func (a *App) fillDemo(ctx context.Context) error {
	empty, err := a.Empty(ctx)
	if err != nil {
		return err
	}
	if empty {
		return demo.Fill(ctx, a.Store, a.Articles, a.Site, a.Store.Clock())
	}
	facts, err := a.Site.Get(ctx)
	if err == nil && !demo.Is(facts) {
		err = fault.New(fault.BadUserInput, "--demo wants an empty database, or the demo's own; this one has content: leave --demo off, or name a new one with --database sqlite:PATH")
	}
	return err
}

// Webhooks is what can be done with webhooks.
func (a *App) Webhooks() *webhook.Service { return a.webhooks }

// Addr is where the program listens.
func (a *App) Addr() string { return a.server.Addr() }

// AdminAddr is where its metrics are; empty where there are none.
func (a *App) AdminAddr() string { return a.server.AdminAddr() }

// Run serves until ctx ends, finishes what is under way, and returns.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(store.Background(context.WithoutCancel(ctx)))
	works := a.works()
	ended := make(chan error, len(works))
	for _, work := range works {
		go func() { ended <- work(background) }()
	}
	err := a.server.Run(ctx)
	stop()
	for range works {
		err = errors.Join(err, <-ended)
	}
	return err
}

// sealOld encrypts, once for each key, values that are in plain text or under an older key.
func (a *App) sealOld(ctx context.Context) error {
	n, locked, err := a.Store.SealOld(ctx)
	switch {
	case ctx.Err() != nil:
	case locked > 0:
		a.logger.ErrorContext(ctx, lostKey, "values", locked)
	case err != nil:
		a.logger.ErrorContext(ctx, "old values could not be encrypted; retrying at the next start", "error", err)
	case n > 0:
		a.logger.InfoContext(ctx, "encrypted values that were in plain text or under an older key", "values", n)
	}
	return nil
}

// lostKey is what to do where something was sealed with a key that is not there.
const lostKey = "the key is missing with which a part of the addresses, evidence and webhook secrets was sealed; they stay closed. " +
	"Bring the database's key file back, or put the old key after the one of --secret-key and a comma"

// works is what goes on beside the requests, until its context ends.
func (a *App) works() []func(context.Context) error {
	return []func(context.Context) error{
		func(ctx context.Context) error { return a.Views.Run(ctx, a.config.ViewsInterval) },
		func(ctx context.Context) error { return a.words.Run(ctx, a.logger) },
		a.sealOld,
		func(ctx context.Context) error { return a.Reports.Run(ctx, a.logger, a.metrics.Reports) },
		a.Alerts.Run,
		func(ctx context.Context) error { return a.Privacy.Run(ctx, a.config.PersonalData, a.logger) },
		func(ctx context.Context) error { return a.Articles.Run(ctx, a.logger) },
		func(ctx context.Context) error { a.deliveries.Run(ctx); return nil },
		func(ctx context.Context) error { return a.Log.Run(ctx, a.config.Retention, a.logger) },
	}
}
