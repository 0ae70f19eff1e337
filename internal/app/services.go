// Package app puts the program together: it is the only place where services,
// faces and the store meet. Commands that do one thing take a House; `serve`
// takes an App, which is a House with its faces, ready to run.
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

// House is the services over one store.
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

// Fittings is what the settings say of a house besides its database.
type Integrations struct {
	Checkers []contentcheck.Checker // look at comments beside the lists of words
	Captcha  captcha.Verifier       // knows who is a person; nil: nobody is asked
	Alerts   alert.Options          // where the operator's program hears of reports
	Regions  *geoip.Finder          // where addresses are; nil: nobody knows
	Calendar *workday.Calendar      // nil: the State Council's notices that the program carries
}

// Furnish makes the services over s.
func NewServices(s *store.Store, logger *slog.Logger, f Integrations) *Services {
	if f.Calendar == nil {
		f.Calendar = new(workday.Official())
	}
	log := changefeed.New(s)
	h := &Services{Store: s, Log: log, Categories: category.New(s, log), Publishers: publisher.New(s, log),
		Regions: region.New(s, log), Site: site.New(s),
		Views: viewcount.New(s, logger), Tokens: token.New(s), Audit: audit.New(s), Words: &contentcheck.Words{}}
	f.Alerts.Logger = logger
	h.Alerts = alert.New(s, f.Alerts)
	var puzzle *captcha.Captcha
	if f.Captcha != nil {
		puzzle = captcha.New(f.Captcha, checkTime, logger)
	}
	checkers := append([]contentcheck.Checker{h.Words}, f.Checkers...)
	h.Comments = comment.New(comment.Options{Store: s, Log: log, Audit: h.Audit, ContentCheck: contentcheck.New(checkTime, logger, checkers...), Captcha: puzzle, Region: f.Regions.Region, Earned: h.trustedAfter, Off: h.commentsOff})
	h.Articles = article.New(s, log, h.Categories).Locating(f.Regions.Region)
	h.Privacy = privacy.New(s, h.Audit, h.Comments)
	h.Takedowns = takedown.New(s, h.Audit, h.Alerts, h.Articles, h.Comments)
	h.Reports = report.New(report.Options{Store: s, Calendar: *f.Calendar, Terms: h.reportTerms, Takedowns: h.Takedowns, Audit: h.Audit, Captcha: puzzle, Alerts: h.Alerts})
	return h
}

// checkTime is how long the checkers of a comment have together, and the captcha before them.
const checkTime = 3 * time.Second

// trustedAfter is after how many approved comments a reader is trusted.
func (h *Services) trustedAfter(ctx context.Context) (int, error) {
	facts, err := h.Site.Get(ctx)
	return facts.CommentsTrustedAfter, err
}

// commentsOff is the terminals on which there are no comments.
func (h *Services) commentsOff(ctx context.Context) (terminal.Set, error) {
	facts, err := h.Site.Get(ctx)
	return facts.CommentsOff, err
}

// reportTerms is within how many working days a report is handled and answered.
func (h *Services) reportTerms(ctx context.Context) (report.Terms, error) {
	facts, err := h.Site.Get(ctx)
	return report.Terms{Handle: facts.ReportWorkingDays, Material: 15, Court: 15}, err
}

// Open opens the database at url and makes the services over it.
func Open(ctx context.Context, o store.Options, logger *slog.Logger, f Integrations) (*Services, error) {
	s, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return NewServices(s, logger, f), nil
}

// Close closes the database.
func (h *Services) Close() error { return h.Store.Close() }

// Importer brings content into the house.
func (h *Services) Importer() *importer.Importer {
	return importer.New(importer.Options{Store: h.Store, Log: h.Log, Articles: h.Articles, Categories: h.Categories, Publishers: h.Publishers, Site: h.Site})
}

// Follower keeps the house the same as a remote one; o says how, not with what.
func (h *Services) Follower(remote *follower.Remote, o follower.Options) *follower.Follower {
	o.Store, o.Articles, o.Categories, o.Publishers, o.Regions, o.Importer = h.Store, h.Articles, h.Categories, h.Publishers, h.Regions, h.Importer()
	return follower.New(remote, o)
}

// Exporter writes everything in the house.
func (h *Services) Exporter() *exporter.Exporter { return exporter.New(h.Store, h.Site) }

// Empty reports whether there is no content yet.
func (h *Services) Empty(ctx context.Context) (bool, error) { return demo.Empty(ctx, h.Store) }
