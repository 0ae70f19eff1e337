package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/geoip"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/moderation/wordlist"
)

// A Check is one check of `tonggao doctor`.
type Check struct {
	Name string
	Run  func(context.Context) error
	Mild bool // a failure is a notice, not an error
}

// Checks returns all checks of an installation.
func (s *Services) Checks(c config.Config, now time.Time) []Check {
	checks := s.checks(c, now)
	for _, address := range c.Standbys {
		checks = append(checks, Check{Name: "a standby takes reads: " + config.Redact(address), Run: func(ctx context.Context) error {
			return s.Store.CheckStandby(ctx, address)
		}})
	}
	return checks
}

func (s *Services) checks(c config.Config, now time.Time) []Check {
	return []Check{
		{Name: "the database answers and is not corrupt", Run: s.Store.Ping},
		{Name: "the engine keeps the promises that the program relies on", Run: s.Store.CheckEngine},
		{Name: "the timeouts of PostgreSQL are set", Run: s.Store.CheckTimeouts, Mild: true},
		{Name: "the schema matches this version of the program", Run: func(ctx context.Context) error {
			drift, err := s.Store.Drift(ctx)
			if err == nil && drift != "" {
				return fault.New(fault.Unavailable, "the schema was changed manually; these statements repair it:\n%s", drift)
			}
			return err
		}},
		{Name: "every article has a body and a search index entry", Run: s.completeArticles},
		{Name: "all encrypted values can be decrypted", Run: func(ctx context.Context) error {
			locked, err := s.Store.Locked(ctx)
			if err == nil && locked > 0 {
				return fmt.Errorf("%d values cannot be decrypted: %s", locked, lostKey)
			}
			return err
		}},
		{Name: "uploaded pictures can be stored", Run: func(ctx context.Context) error { return checkStorage(ctx, c) }},
		{Name: "the word lists can be read", Run: func(context.Context) error {
			_, err := wordlist.New(wordlist.Options{Store: s.Store, Audit: s.Audit, Words: s.Words, Files: c.Words})
			return err
		}},
		{Name: "the files of address regions can be read", Run: func(context.Context) error {
			_, err := geoip.Open(c.IPRegions...)
			return err
		}},
		{Name: "the calendar of working days can be read", Run: func(context.Context) error {
			_, err := calendar(c)
			return err
		}},
		CalendarCheck(c, now),
		{Name: "articles have addresses", Mild: true, Run: func(ctx context.Context) error { return s.missingAddresses(ctx, c) }},
	}
}

// calendarNotice is how long before a year begins its working days should be known. The
// State Council publishes them in November.
const calendarNotice = 45 * 24 * time.Hour

// CalendarCheck checks that the working days of the coming weeks are known.
func CalendarCheck(c config.Config, now time.Time) Check {
	return Check{Name: "the working days of the coming weeks are known", Mild: true, Run: func(context.Context) error {
		known, err := calendar(c) // another check reports a file that cannot be read
		if year := now.In(instant.Zone).Add(calendarNotice).Year(); err == nil && !known.Covers(year) {
			return fmt.Errorf("the working days of %d are unknown: all weekdays count as working days, so deadlines are too early; "+
				"put the State Council's calendar into a file and name it with --calendar (docs/reports.md), or upgrade", year)
		}
		return nil
	}}
}

// checkStorage returns why uploaded pictures cannot be stored.
func checkStorage(ctx context.Context, c config.Config) error {
	files, err := Storage(c)
	if err != nil {
		return err
	}
	err = files.Check(ctx)
	var f *fault.Error
	if errors.As(err, &f) && f.Cause != nil { // only the operator runs this
		return fmt.Errorf("%w; repair it, or choose another storage with --media-dir or --media-s3-endpoint", f.Cause)
	}
	return err
}

// completeArticles returns an error if articles lack a body or a search index entry.
func (s *Services) completeArticles(ctx context.Context) error {
	missing, err := s.Store.Incomplete(ctx)
	if err != nil {
		return err
	}
	if missing > 0 {
		return fmt.Errorf("%d articles have no body or no search index entry; restore a backup, or export, fix the articles without a body, and import again", missing)
	}
	return nil
}

// missingAddresses returns what is missing for addresses that readers can open.
func (s *Services) missingAddresses(ctx context.Context, c config.Config) error {
	facts, err := s.Site.Get(ctx)
	switch {
	case err != nil:
		return err
	case site.PageURL(facts, "slug", "id") == "":
		return errors.New("no site for readers is known: url(terminal) is null, feeds have no links and the sitemap is empty; " +
			`set its address by updateSite(input: {urls: [{terminal: WEB, template: "https://www.example.com/a/{slug}"}]}) as ADMIN`)
	case c.BaseURL == "" && !c.Demo:
		return errors.New("feeds and the sitemap respond with 503; set the public address of this server by --base-url https://api.example.com")
	}
	return nil
}
