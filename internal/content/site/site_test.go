package site_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var (
	system = viewer.AsSystem(context.Background())
	admin  = as(viewer.Admin)
	public = context.Background()
)

func as(role viewer.Role) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_x"})
}

// TestGetDefaults reads the facts of a new database.
func TestGetDefaults(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		f := get(t, site.New(s.Store))
		if f.Name != "通稿" || f.ReportWorkingDays != 3 || f.ICPNumber != "" || f.Copyright == "" {
			t.Errorf("got %+v", f)
		}
		for _, term := range terminal.All() {
			check.Equal(t, term.String(), site.ArticleURL(f, term, "home-care", "art_1"), "")
		}
		if d := site.Disclaimer(f, "青禾****"); !strings.Contains(d, "青禾****") || strings.ContainsAny(d, "{}") {
			t.Errorf("the disclaimer: %s", d)
		}
	})
}

// TestGetCache reads the facts once in five seconds; a change that this program made shows
// at once, whichever service made it.
func TestGetCache(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		here, there := site.New(s.Store), site.New(s.Store)
		name := func(want string, statements int) {
			t.Helper()
			check.Equal(t, "statements", s.Count(func() { check.Equal(t, "the name", get(t, here).Name, want) }), statements)
		}
		name("通稿", 1)
		name("通稿", 0)
		rename(t, here, "青禾养老网")
		name("青禾养老网", 1)
		name("青禾养老网", 0)
		rename(t, there, "溪口之声")
		name("溪口之声", 1)
		s.Advance(5*time.Second - time.Microsecond)
		name("溪口之声", 0)
		s.Advance(time.Microsecond)
		name("溪口之声", 1)
		rename(t, there, "云岭在线")
		s.Advance(-time.Hour) // the clock is set back
		name("云岭在线", 1)
		name("云岭在线", 0)
	})
}

// TestGetConcurrent reads from many goroutines while others change the facts: it costs few
// statements, and every read after a change returns it.
func TestGetConcurrent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		service := site.New(s.Store)
		rename(t, service, "青禾养老网")
		check.Equal(t, "statements", s.Count(func() {
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() { check.Equal(t, "the name", get(t, service).Name, "青禾养老网") })
			}
			wg.Wait()
		}), 1)
		var wg sync.WaitGroup
		for reader := range 4 {
			wg.Go(func() {
				for i := range 25 {
					if reader == 0 {
						name := fmt.Sprintf("青禾 %d", i)
						rename(t, service, name)
						check.Equal(t, "what was written just now", get(t, service).Name, name)
						continue
					}
					get(t, service)
				}
			})
		}
		wg.Wait()
	})
}

// TestUpdateConcurrent lets two administrators change different facts at once: both changes
// hold.
func TestUpdateConcurrent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		services := []*site.Service{site.New(s.Store), site.New(s.Store)}
		for round := range 10 {
			name, contact := fmt.Sprintf("青禾 %d", round), fmt.Sprintf("kf%d@example.com", round)
			var wg sync.WaitGroup
			for i, in := range []site.UpdateInput{{Name: &name}, {Contact: &contact}} {
				wg.Go(func() {
					if _, err := services[i].Update(admin, in); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if f := get(t, site.New(s.Store)); f.Name != name || f.Contact != contact {
				t.Fatalf("one of the changes is lost: %+v", f)
			}
		}
	})
}

// TestGetInTransaction reads in a transaction what the transaction has written; others do
// not see it if that fails.
func TestGetInTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		service := site.New(s.Store)
		get(t, service)
		boom := errors.New("boom")
		err := s.Tx(admin, func(ctx context.Context, _ *ent.Client) error {
			if _, err := service.Update(ctx, site.UpdateInput{Name: new("青禾养老网")}); err != nil {
				return err
			}
			f, err := service.Get(ctx)
			check.Equal(t, "inside", f.Name, "青禾养老网")
			return errors.Join(boom, err)
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		check.Equal(t, "outside", get(t, service).Name, "通稿")
	})
}

// TestUpdateRoles checks which roles may change the facts.
func TestUpdateRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		service := site.New(s.Store)
		in := site.UpdateInput{Name: new("青禾养老网")}
		if _, err := service.Update(public, in); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("without a token: %v", err)
		}
		for _, role := range []viewer.Role{viewer.Reader, viewer.Publisher, viewer.Editor, viewer.Moderator, viewer.Integrator} {
			if _, err := service.Update(as(role), in); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", role, err)
			}
		}
		f := get(t, service)
		check.Equal(t, "the name", f.Name, "通稿")
		if err := service.Put(as(viewer.Editor), f); !fault.Is(err, fault.Forbidden) {
			t.Errorf("put as an editor: %v", err)
		}
		for i, ctx := range []context.Context{admin, system} {
			in := site.UpdateInput{Name: new(fmt.Sprintf("青禾 %d", i))}
			f, err := service.Update(ctx, in)
			if err != nil || f.Name != *in.Name {
				t.Errorf("%+v, %v", f, err)
			}
		}
	})
}

// TestPut puts back what was exported, unchanged, and nothing that Update would refuse.
func TestPut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		service := site.New(s.Store)
		_, err := service.Update(admin, site.UpdateInput{Contact: new("kf@example.com"), Disclaimer: new("{publisher}\n{contact}"),
			URLs: []site.URLInput{{Terminal: terminal.WAP}, {Terminal: terminal.App, Template: "https://app.example.com/{id}"}}})
		check.NoError(t, err)
		kept := get(t, service)
		rename(t, service, "青禾养老网")
		check.NoError(t, service.Put(system, kept))
		check.Equal(t, "put back", get(t, service), kept)
		bad := kept
		bad.Name, bad.ReportWorkingDays = "", 0
		bad.URLs = map[terminal.Terminal]string{terminal.Web: "javascript:alert({id})", terminal.Feed: "/a/{slug}"}
		check.Equal(t, "what is wrong", check.Problems(service.Put(system, bad)), "name REQUIRED, reportWorkingDays INVALID, urls.WEB INVALID")
		check.Equal(t, "after a refusal", get(t, service), kept)
	})
}

func get(t *testing.T, s *site.Service) site.Facts {
	t.Helper()
	f, err := s.Get(public)
	if err != nil {
		t.Error(err)
	}
	return f
}

func rename(t *testing.T, s *site.Service, name string) {
	t.Helper()
	if _, err := s.Update(admin, site.UpdateInput{Name: &name}); err != nil {
		t.Error(err)
	}
}
