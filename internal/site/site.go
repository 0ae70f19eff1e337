// Package site keeps what the portal says about itself: one row of settings,
// remembered for a few seconds, since nearly every page shows some of it and
// another replica may change it.
package site

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/policy"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/terminal"
	"github.com/tonggao/tonggao/internal/viewer"
)

// Facts is what the portal says about itself.
type Facts struct {
	Name              string                       `json:"name"`
	Contact           string                       `json:"contact"`
	Copyright         string                       `json:"copyright"`
	ICPNumber         string                       `json:"icpNumber"`
	Disclaimer        string                       `json:"disclaimer"` // {publisher} and {contact} are filled in
	URLs              map[terminal.Terminal]string `json:"urls"`       // {slug} and {id} are filled in
	ReportWorkingDays int                          `json:"reportWorkingDays"`
}

// defaults is the facts of a portal that nobody described yet.
func defaults() Facts {
	return Facts{
		Name: "通稿",
		Disclaimer: "本文由发布者 {publisher} 提供,只代表发布者本人的看法,本站未逐一核实,请读者自行判断。" +
			"如内容侵犯您的权益,请通过页面上的举报入口或 {contact} 联系我们,我们将及时核查处理,并在权利人与发布者之间居中协调。",
		URLs:              map[terminal.Terminal]string{terminal.Web: "/a/{slug}", terminal.WAP: "/a/{slug}"},
		ReportWorkingDays: 3,
	}
}

const (
	setting = "site"
	fresh   = 5 * time.Second
)

// Service keeps the facts.
type Service struct {
	store *store.Store

	mu    sync.Mutex
	facts Facts
	read  instant.Instant // when; 0 before the first time
}

// New is the service on s.
func New(s *store.Store) *Service { return &Service{store: s} }

// Get is the facts, at most a few seconds old.
func (s *Service) Get(ctx context.Context) (Facts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.store.Clock()
	if s.read != 0 && now.Sub(s.read).Abs() < fresh {
		return s.facts, nil
	}
	facts, err := load(ctx, s.store.Client(ctx))
	if err != nil {
		return Facts{}, err
	}
	s.facts, s.read = facts, now
	return facts, nil
}

func load(ctx context.Context, c *ent.Client) (Facts, error) {
	facts := defaults()
	row, err := c.Setting.Get(viewer.AsSystem(ctx), setting)
	if ent.IsNotFound(err) {
		return facts, nil
	}
	if err != nil {
		return Facts{}, fmt.Errorf("read the site's facts: %w", err)
	}
	facts.URLs = nil // the row says which terminals have one
	if err := json.Unmarshal([]byte(row.Value), &facts); err != nil {
		return Facts{}, fmt.Errorf("read the site's facts: %w", err)
	}
	return facts, nil
}

// Update changes the facts.
func (s *Service) Update(ctx context.Context, in UpdateInput) (Facts, error) {
	if v := viewer.From(ctx); !v.Is(viewer.Admin, viewer.System) {
		return Facts{}, policy.Denied(v)
	}
	var facts Facts
	err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		if facts, err = load(ctx, c); err != nil {
			return err
		}
		if err := facts.change(in); err != nil {
			return err
		}
		return save(ctx, c, facts)
	})
	if err != nil {
		return Facts{}, err
	}
	s.remember(facts)
	return facts, nil
}

// Put writes all facts, for imports.
func (s *Service) Put(ctx context.Context, facts Facts) error {
	if v := viewer.From(ctx); !v.Is(viewer.System) {
		return policy.Denied(v)
	}
	err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return save(ctx, c, facts) })
	if err == nil {
		s.remember(facts)
	}
	return err
}

func save(ctx context.Context, c *ent.Client, facts Facts) error {
	value, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	return c.Setting.Create().SetID(setting).SetValue(string(value)).
		OnConflictColumns("name").UpdateNewValues().Exec(viewer.AsSystem(ctx))
}

func (s *Service) remember(facts Facts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts, s.read = facts, s.store.Clock()
}

// change makes in's changes, or says what is wrong with them.
func (f *Facts) change(in UpdateInput) error {
	var bad fault.Invalid
	text := func(field string, to, from *string, least, most int) {
		if from == nil {
			return
		}
		*to = strings.TrimSpace(*from)
		if n := utf8.RuneCountInString(*to); n < least || n > most {
			bad.Add("INVALID", field, "must have %d to %d characters, not %d", least, most, n)
		}
	}
	text("name", &f.Name, in.Name, 1, 50)
	text("contact", &f.Contact, in.Contact, 0, 200)
	text("copyright", &f.Copyright, in.Copyright, 0, 200)
	text("icpNumber", &f.ICPNumber, in.ICPNumber, 0, 50)
	text("disclaimer", &f.Disclaimer, in.Disclaimer, 0, 2000)
	if in.ReportWorkingDays != nil {
		if f.ReportWorkingDays = *in.ReportWorkingDays; f.ReportWorkingDays < 1 || f.ReportWorkingDays > 30 {
			bad.Add("INVALID", "reportWorkingDays", "must be 1 to 30")
		}
	}
	urls := make(map[terminal.Terminal]string, len(f.URLs))
	for t, template := range f.URLs {
		urls[t] = template
	}
	for _, u := range in.URLs {
		if u.Template == "" {
			delete(urls, u.Terminal)
			continue
		}
		if !isTemplate(u.Template) {
			bad.Add("INVALID", "urls", "%.60q is not an address of this site, or an http or https one, with {slug} or {id} in it", u.Template)
		}
		urls[u.Terminal] = u.Template
	}
	f.URLs = urls
	return bad.Err()
}

func isTemplate(template string) bool {
	filled := fill(template, "slug", "id")
	u, err := url.Parse(filled)
	return err == nil && filled != template && len(template) <= 500 && u.User == nil &&
		(strings.HasPrefix(template, "/") && !strings.HasPrefix(template, "//") || (u.Scheme == "http" || u.Scheme == "https") && u.Host != "")
}

func fill(template, slug, id string) string {
	return strings.NewReplacer("{slug}", slug, "{id}", id).Replace(template)
}

// Disclaimer is the portal's disclaimer for something of that publisher.
func Disclaimer(f Facts, publisher string) string {
	return strings.NewReplacer("{publisher}", publisher, "{contact}", f.Contact).Replace(f.Disclaimer)
}

// ArticleURL is an article's address on a terminal; empty where there is none.
func ArticleURL(f Facts, t terminal.Terminal, slug, id string) string {
	return fill(f.URLs[t], slug, id)
}
