package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
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
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/qrcode"
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

// An App is the whole program, listening and ready to run.
type App struct {
	*Services
	config  config.Config
	logger  *slog.Logger
	metrics *telemetry.Metrics
	loops   *heartbeat.Registry
	server  *server.Server
	words   *wordlist.Service

	Pictures *media.Service

	webhooks   *webhook.Service
	deliveries *webhook.Runner
	Files      media.Files
}

// Start opens everything that `serve` needs. Run serves until its context ends; Close
// releases the resources.
func Start(ctx context.Context, c config.Config, logger *slog.Logger, version string) (*App, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	sockets, err := server.Listen(c.Addr, c.AdminAddr)
	if err != nil {
		return nil, err
	}
	metrics := telemetry.New(version)
	integrations, err := NewIntegrations(c)
	if err != nil {
		return nil, errors.Join(err, sockets.Close())
	}
	services, err := Open(ctx, store.Options{URL: c.Database, Standbys: c.Standbys, MaxLag: c.MaxLag, ReadOnly: c.ReadOnly, Keys: Keys(c, logger), Observe: metrics.Statement}, logger, integrations)
	if err != nil {
		return nil, errors.Join(err, sockets.Close())
	}
	if err := CalendarCheck(c, time.Now()).Run(ctx); err != nil {
		logger.WarnContext(ctx, "the calendar of working days ends soon: deadlines will be computed from weekdays only", "error", err)
	}
	if err := services.Store.CheckEngine(ctx); err != nil {
		return nil, errors.Join(err, services.Close(), sockets.Close())
	}
	if c.ReadOnly {
		logger.InfoContext(ctx, "only reading: writes are refused, and no background work runs")
	} else if err := services.Backfill(ctx); err != nil {
		return nil, errors.Join(err, services.Close(), sockets.Close())
	}
	a, err := Assemble(ctx, services, sockets, c, logger, metrics)
	if err != nil {
		return nil, errors.Join(err, services.Close(), sockets.Close())
	}
	return a, nil
}

// Assemble connects services to their HTTP endpoints, on sockets.
func Assemble(ctx context.Context, services *Services, sockets *server.Sockets, c config.Config, logger *slog.Logger, metrics *telemetry.Metrics) (*App, error) {
	a := &App{Services: services, config: c, logger: logger, metrics: metrics, loops: heartbeat.New(time.Now)}
	metrics.Watch(a.loops.Ages, services.Store.FreeSpace, services.Reports.Files)
	metrics.WatchSchedule(services.Articles.Failing)
	metrics.WatchStandbys(services.Store.Standbys)
	a.openWebhooks(metrics)
	if c.Demo {
		a.config.Origins = append(slices.Clone(c.Origins), config.LocalOrigins...)
		if c.BaseURL == "" && !strings.HasSuffix(c.Addr, ":0") {
			a.config.BaseURL = "http://" + c.Addr // pictures need complete addresses on every terminal
		}
		if err := a.fillDemo(viewer.AsSystem(ctx)); err != nil {
			return nil, err
		}
	}
	var err error
	if a.words, err = wordlist.New(wordlist.Options{Store: services.Store, Audit: services.Audit, Words: services.Words, Files: c.Words}); err != nil {
		return nil, err
	}
	if err := a.words.Load(ctx); err != nil {
		return nil, err
	}
	if a.Files, err = Storage(c); err != nil {
		return nil, err
	}
	a.Pictures = media.New(media.Options{Store: services.Store, Audit: services.Audit, Files: a.Files, Limits: media.Limits{Bytes: int64(c.UploadBytes), Pixels: int64(c.UploadPixels)}})
	writeLimit := graph.NewWriteLimit(c.WriteLimit, c.WriteBytes, func() time.Time { return a.Store.Clock().Time() })
	withExplorer := a.config.Explorer || a.config.Demo
	listeners := subscribers.New(subscribers.Options{Ended: a.Tokens.Ended, Logger: a.logger})
	webSockets := subscribers.New(subscribers.Options{Ended: a.Tokens.Ended, Logger: a.logger})
	options := server.Options{
		GraphQL: graphqlhttp.New(a.resolver(writeLimit).Schema(), graphqlhttp.Options{
			Introspection: withExplorer,
			Limits:        querycost.Limits{Price: int64(a.config.CostLimit)},
			Prices:        graph.Prices,
			Admission:     a.admission(),
			AnswerBytes:   int64(a.config.AnswerBytes),
			Place:         a.place,
			Cached:        a.cached(metrics),
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
		Upload:       upload.Upload(upload.Options{Pictures: a.Pictures, BaseURL: a.config.BaseURL, Observe: metrics.Upload, Attachments: limitedAttachments{a.Reports, writeLimit}}),
		Attachments:  upload.ServeAttachments(a.Reports, report.AttachmentPath),
		Media:        a.media(),
		Metrics:      metrics.Handler(),
		Authenticate: a.Tokens.Authenticate,
		Ready:        a.ready,
		Observe:      metrics.Request,
		Logger:       a.logger,
		Origins:      a.config.Origins,
		RateLimit:    a.config.RateLimit,
		DrainPause:   a.config.DrainPause,
	}
	options.Explorer = explorer.Home()
	if withExplorer {
		options.Explorer = explorer.Handler(explorer.Options{Endpoint: "/graphql", Query: FirstQuery})
	}
	options.TrustedProxies = networks(a.config.TrustedProxies)
	a.server = server.New(sockets, options)
	return a, nil
}

// resolver returns the resolvers of the graph.
func (a *App) resolver(limit *graph.WriteLimit) *graph.Resolver {
	return &graph.Resolver{Articles: a.Articles, Categories: a.Categories, Publishers: a.Publishers,
		Regions: a.Regions, Comments: a.Comments, Reports: a.Reports, Takedowns: a.Takedowns, Privacy: a.Privacy, Pictures: a.Pictures, WordLists: a.words,
		WriteLimit: limit, Site: a.Site, Views: a.Views, ChangeLog: a.Log,
		ChangePages: broadcast.New[*changefeed.Page](a.Log, a.logger),
		Webhooks:    a.webhooks, Rendered: render.NewCache(renderedBytes), QRCodes: qrcode.NewCache(qrCodeBytes), Clock: a.Store.Clock, BaseURL: a.config.BaseURL}
}

// openWebhooks creates the webhook service and its delivery.
func (a *App) openWebhooks(metrics *telemetry.Metrics) {
	allow := networks(a.config.WebhookNetworks)
	a.webhooks = webhook.New(a.Store, a.Log, webhook.Options{Keys: a.Store.Keys, Allow: allow})
	a.deliveries = a.webhooks.Runner(webhook.RunnerOptions{Client: egress.New(egress.Options{Allow: allow}), Logger: a.logger,
		Interval: a.config.WebhookInterval, Observe: metrics.Webhook, Paused: metrics.WebhookStopped})
}

// networks parses network prefixes that Config.Validate has checked.
func networks(texts []string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// Storage returns the configured storage of uploaded pictures.
func Storage(c config.Config) (media.Files, error) {
	if c.MediaS3 == (config.S3{}) {
		return disk.New(c.MediaDir), nil
	}
	return s3.New(s3.Options{Endpoint: c.MediaS3.Endpoint, Bucket: c.MediaS3.Bucket, Region: c.MediaS3.Region,
		AccessKey: c.MediaS3.AccessKey, SecretKey: c.MediaS3.SecretKey})
}

// media returns the handler of the demo's pictures and of uploaded ones.
func (a *App) media() server.Handler {
	demoPictures, uploaded := picture.Handler(), upload.Serve(a.Files, a.Pictures, a.Tokens.Authenticate)
	return func(w http.ResponseWriter, r *http.Request) error {
		if strings.HasPrefix(r.URL.Path, picture.Prefix) {
			demoPictures.ServeHTTP(w, r)
			return nil
		}
		return uploaded(w, r)
	}
}

// NewIntegrations returns the integrations that c configures.
func NewIntegrations(c config.Config) (i Integrations, err error) {
	calendar, err := calendar(c)
	if err != nil {
		return i, err
	}
	i.Calendar, i.Files = &calendar, int64(c.ReportFiles)
	if i.Regions, err = geoip.Open(c.IPRegions...); err != nil {
		return i, err
	}
	client := &http.Client{Timeout: checkTime}
	if c.CheckerURL != "" {
		i.Checkers = append(i.Checkers, &contentcheck.Hook{URL: c.CheckerURL, Client: client})
	}
	if c.CaptchaURL != "" {
		i.Captcha = &captcha.Siteverify{URL: c.CaptchaURL, Secret: c.CaptchaSecret,
			Client: egress.New(egress.Options{Trusted: true, Timeout: checkTime, Excerpt: captcha.AnswerBytes})}
	}
	i.Alerts = alert.Options{URL: c.NoticeURL, Secret: c.NoticeSecret, Client: egress.New(egress.Options{Trusted: true})}
	if c.WechatAppID != "" {
		i.Checkers = append(i.Checkers, &contentcheck.WeChat{AppID: c.WechatAppID, Secret: c.WechatSecret, Base: c.WechatURL, Client: client, Clock: time.Now})
	}
	return i, nil
}

// calendar returns the official calendar of working days, extended by the operator's file.
func calendar(c config.Config) (workday.Calendar, error) {
	if c.Calendar == "" {
		return workday.Official(), nil
	}
	more, err := workday.LoadFile(c.Calendar)
	return workday.Official().Merge(more), err
}

// feeds returns the handler of feeds and the sitemap.
func (a *App) feeds() *feeds.Handler {
	return feeds.New(feeds.Options{Store: a.Store, Articles: a.Articles, Categories: a.Categories,
		Publishers: a.Publishers, Site: a.Site, Positions: a.positions(), BaseURL: a.config.BaseURL, Logger: a.logger})
}

// renderedBytes is the size of the cache of rendered bodies.
const renderedBytes = 64 << 20

// qrCodeBytes bounds the cache of QR codes.
const qrCodeBytes = 8 << 20

// fillDemo writes the demo portal into an empty database. It refuses a database with other
// content, because the demo creates tokens and opens the explorer.
func (a *App) fillDemo(ctx context.Context) error {
	empty, err := a.Empty(ctx)
	if err != nil {
		return err
	}
	if empty {
		return demo.Fill(ctx, a.Store, a.Articles, a.Site, a.Store.Clock())
	}
	facts, err := a.Site.Get(ctx)
	if err != nil {
		return err
	}
	if !demo.Is(facts) {
		return fault.New(fault.BadUserInput, "--demo needs an empty database or one that it filled before; this one has other content: remove --demo, or name a new database with --database sqlite:PATH")
	}
	return nil
}

// Webhooks returns the webhook service.
func (a *App) Webhooks() *webhook.Service { return a.webhooks }

// Addr returns the address that the program listens on.
func (a *App) Addr() string { return a.server.Addr() }

// AdminAddr returns the address of its metrics; empty without them.
func (a *App) AdminAddr() string { return a.server.AdminAddr() }

// Run serves until ctx ends, then shuts down gracefully: it finishes requests and jobs in
// progress.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(store.Background(context.WithoutCancel(ctx)))
	jobs := a.jobs()
	ended := make(chan error, len(jobs))
	for _, j := range jobs {
		own := background
		if j.allowed > 0 {
			own = a.loops.Add(background, j.name, j.allowed)
		}
		go func() { ended <- j.run(own) }()
	}
	err := a.server.Run(ctx)
	stop()
	for range jobs {
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

// lostKey explains what to do when the key of sealed values is missing.
const lostKey = "the key is missing with which some addresses, evidence and webhook secrets are encrypted; they cannot be read. " +
	"Restore the key file of the database, or append the old key to --secret-key after a comma"

// job is one of the background jobs.
type job struct {
	name    string
	allowed time.Duration // between the ends of two rounds; 0: it has none
	run     func(context.Context) error
}

// jobs returns the background jobs; each runs until its context ends. A server that only
// reads has one: the word lists are needed to preview comments.
func (a *App) jobs() []job {
	words := job{"word lists", time.Minute, func(ctx context.Context) error { return a.words.Run(ctx, a.logger) }}
	if a.Store.ReadOnly() {
		return []job{words}
	}
	alerts := job{"alerts", 15 * time.Minute, a.Alerts.Run}
	if a.config.NoticeURL == "" {
		alerts.allowed = 0 // there is no receiver
	}
	return []job{words, alerts,
		{"view counts", 2*a.config.ViewsInterval + time.Minute, func(ctx context.Context) error { return a.Views.Run(ctx, a.config.ViewsInterval) }},
		{"encryption of old values", 0, a.sealOld},
		{"reports", 5 * time.Minute, func(ctx context.Context) error { return a.Reports.Run(ctx, a.logger, a.metrics.Reports) }},
		{"retention of personal data", 3 * time.Hour, func(ctx context.Context) error { return a.Privacy.Run(ctx, a.config.PersonalData, a.logger) }},
		{"scheduled publishing", time.Minute, func(ctx context.Context) error { return a.Articles.Run(ctx, a.logger) }},
		{"webhooks", time.Minute, func(ctx context.Context) error { a.deliveries.Run(ctx); return nil }},
		{"retention of the change log", 30 * time.Minute, func(ctx context.Context) error { return a.Log.Run(ctx, a.config.Retention, a.logger) }},
	}
}

// LoopAges returns how long ago a round of each background loop ended.
func (a *App) LoopAges() map[string]time.Duration { return a.loops.Ages() }

// ready returns why a load balancer should send no requests here.
func (a *App) ready(ctx context.Context) error {
	if err := a.Store.Ping(ctx); err != nil {
		return err
	}
	if late := a.loops.Late(); late != "" {
		return fault.New(fault.Unavailable, "background work does not advance: %s", late)
	}
	return nil
}
