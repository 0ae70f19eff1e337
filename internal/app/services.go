// Package app is the composition root: the only package that connects the store, the
// services, their HTTP endpoints and the configuration. Commands that do one thing use
// Services; `serve` uses an App, which is Services with endpoints and background jobs.
package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/app/demo"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/content/viewcount"
	"github.com/tonggao/tonggao/internal/foundation/geoip"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/alert"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/follower"
	"github.com/tonggao/tonggao/internal/sync/importer"
)

// Services holds all services over one store.
type Services struct {
	Store      *store.Store
	Log        *changefeed.Log
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Regions    *region.Service
	Comments   *comment.Service
	Reports    *report.Service
	Takedowns  *takedown.Service
	Privacy    *privacy.Service
	Audit      *audit.Log
	Site       *site.Service
	Views      *viewcount.Counter
	Tokens     *token.Service
	Words      *contentcheck.Words
	Alerts     *alert.Outbox
}

// Integrations are what Services use in addition to the database.
type Integrations struct {
	Checkers []contentcheck.Checker // of comments, in addition to the word lists
	Captcha  captcha.Verifier       // nil: no captcha is required
	Alerts   alert.Options          // where reports and deadlines are announced
	Regions  *geoip.Finder          // of network addresses; nil: unknown
	Calendar *workday.Calendar      // nil: the official one in the binary
	Files    int64                  // bytes of the files of undecided reports together; 0: no limit
}

// NewServices returns the services over s.
func NewServices(s *store.Store, logger *slog.Logger, i Integrations) *Services {
	if i.Calendar == nil {
		i.Calendar = new(workday.Official())
	}
	log := changefeed.New(s)
	all := &Services{Store: s, Log: log, Categories: category.New(s, log), Publishers: publisher.New(s, log),
		Regions: region.New(s, log), Site: site.New(s),
		Views: viewcount.New(s, logger), Tokens: token.New(s), Audit: audit.New(s), Words: &contentcheck.Words{}}
	i.Alerts.Logger = logger
	all.Alerts = alert.New(s, i.Alerts)
	var verifier *captcha.Captcha
	if i.Captcha != nil {
		verifier = captcha.New(i.Captcha, checkTime, logger)
	}
	checkers := append([]contentcheck.Checker{all.Words}, i.Checkers...)
	all.Comments = comment.New(comment.Options{Store: s, Log: log, Audit: all.Audit, ContentCheck: contentcheck.New(checkTime, logger, checkers...), Captcha: verifier, Region: i.Regions.Region, Earned: all.trustedAfter, Off: all.commentsOff})
	all.Articles = article.New(article.Options{Store: s, Log: log, Categories: all.Categories, Region: i.Regions.Region})
	all.Privacy = privacy.New(s, all.Audit, all.Comments)
	all.Takedowns = takedown.New(takedown.Options{Store: s, Audit: all.Audit, Alerts: all.Alerts, Articles: all.Articles, Comments: all.Comments})
	all.Reports = report.New(report.Options{Store: s, Calendar: *i.Calendar, Terms: all.reportTerms, Takedowns: all.Takedowns, Audit: all.Audit, Captcha: verifier, Alerts: all.Alerts, FileBytes: i.Files})
	return all
}

// checkTime is the timeout of all content checks of a comment together, and of its captcha.
const checkTime = 3 * time.Second

// trustedAfter returns the number of approved comments after which a reader is trusted.
func (s *Services) trustedAfter(ctx context.Context) (int, error) {
	facts, err := s.Site.Get(ctx)
	return facts.CommentsTrustedAfter, err
}

// commentsOff returns the terminals without comments.
func (s *Services) commentsOff(ctx context.Context) (terminal.Set, error) {
	facts, err := s.Site.Get(ctx)
	return facts.CommentsOff, err
}

// reportTerms returns the deadlines of reports in working days.
func (s *Services) reportTerms(ctx context.Context) (report.Terms, error) {
	facts, err := s.Site.Get(ctx)
	return report.Terms{Handle: facts.ReportWorkingDays, Material: 15, Court: 15}, err
}

// Open opens the database and returns the services over it.
func Open(ctx context.Context, o store.Options, logger *slog.Logger, i Integrations) (*Services, error) {
	s, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return NewServices(s, logger, i), nil
}

// Close closes the database.
func (s *Services) Close() error { return s.Store.Close() }

// Importer returns an importer into the database.
func (s *Services) Importer() *importer.Importer {
	return importer.New(importer.Options{Store: s.Store, Log: s.Log, Articles: s.Articles, Categories: s.Categories, Publishers: s.Publishers, Site: s.Site})
}

// Follower returns a follower that replicates remote into the database. It sets the services
// in o.
func (s *Services) Follower(remote *follower.Remote, o follower.Options) *follower.Follower {
	o.Store, o.Articles, o.Categories, o.Publishers, o.Regions, o.Importer = s.Store, s.Articles, s.Categories, s.Publishers, s.Regions, s.Importer()
	return follower.New(remote, o)
}

// Exporter returns an exporter of all content.
func (s *Services) Exporter() *exporter.Exporter { return exporter.New(s.Store, s.Site) }

// Empty reports whether the database has no content yet.
func (s *Services) Empty(ctx context.Context) (bool, error) { return demo.Empty(ctx, s.Store) }
