package exporter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	entreport "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/media/disk"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/sync/archive"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestRoundTrip writes text at the edges of what is allowed into every text field of every
// type of line, through the services. All that they accepted comes back from an export and
// an import on the other engine, byte for byte.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range effort.N(2) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *storetest.Store) {
				w := newWriter(t, s, uint64(seed))
				w.writeAll()
				want := exported(t, w.Services)
				for _, kind := range archive.Types {
					if !strings.Contains(want, `{"type":"`+kind+`",`) {
						t.Errorf("the portal has no %s", kind)
					}
				}
				target := other(t, s)
				copied := app.NewServices(target.Store, slog.New(slog.DiscardHandler), app.Integrations{})
				var result importer.Result
				if err := copied.Importer().NDJSON(t.Context(), "a.ndjson", strings.NewReader(want), &result, func(int) {}); err != nil {
					t.Fatal(err)
				}
				lines := strings.Count(want, "\n")
				if len(result.Rejected)+result.Skipped > 0 || result.Created+result.Updated != lines {
					t.Errorf("%d lines: %s\n%v", lines, result, result.Rejected)
				}
				if got := exported(t, copied); got != want {
					t.Errorf("another archive came out: %s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
				}
				t.Logf("%d lines; the services refused %d of %d writes", lines, w.refused, w.tried)
			})
		})
	}
}

func exported(t *testing.T, s *app.Services) string {
	t.Helper()
	var b strings.Builder
	if err := s.Exporter().Export(context.Background(), &b, exporter.Position{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// atoms are what generated text is made of: letters of several planes and directions,
// sequences that belong together, spaces of all kinds, what markup and JSON escape, and
// what no field accepts.
var atoms = []string{
	"老", "院", "a", "é", "e\u0301", "ạ̈", "ئۇيغۇر", "עב", "\u200f", "\u200e", "ไทย", "한", "𠮷", "𝒜", "\U0001F475\U0001F3FD", "👨‍👩‍👧", "🇨🇳", "\ufe0f",
	"\U0010fffd", "\ue000", "\ufffd", "\ufeff", "\u200b", "\u200d", "\u00ad", "\u3164", "\u2060", "0", "９",
	" ", "  ", "\u3000", "\u00a0", "\u2003", "\t", "\n", "\r\n", "\r", "\n\n\n\n", "\u2028",
	"<b>", "</p>", "&", "&amp;", "\"", "'", "\\", `\u0000`, "%00", "{slug}", "{publisher}", "`", "*", "#", "[x](y)", "null", "//", "“", "—",
	"\x00", "\a", "\x1b[31m", "\u202e", "\u2066", "\xff", "\x7f", "\u0085",
}

// harmless is how many of the atoms at the beginning some field accepts.
var harmless = len(atoms) - 8

// writer fills a portal. The embedded services are those of the program.
type writer struct {
	*app.Services
	t              *testing.T
	store          *storetest.Store
	random         *rand.Rand
	tried, refused int
}

func newWriter(t *testing.T, s *storetest.Store, seed uint64) *writer {
	return &writer{app.NewServices(s.Store, slog.New(slog.DiscardHandler), app.Integrations{}), t, s, rand.New(rand.NewPCG(seed, 1)), 0, 0}
}

// text returns text of at most max characters, and now and then one more; often exactly max.
func (w *writer) text(max int) string {
	n := 1 + w.random.IntN(12)
	switch w.random.IntN(6) {
	case 0:
		n = max
	case 1:
		n = max + w.random.IntN(30)/29
	}
	choice := harmless
	if w.random.IntN(10) == 0 {
		choice = len(atoms)
	}
	var list []rune
	for len(list) < n {
		list = append(list, []rune(atoms[w.random.IntN(choice)])...)
	}
	text := string(list[:n])
	if w.random.IntN(40) == 0 {
		text += "\xff"
	}
	return text
}

// line returns text that some one-line field accepts, mostly.
func (w *writer) line(max int) string {
	text := w.text(max)
	if w.random.IntN(15) > 0 {
		text = strings.NewReplacer("\n", "行", "\r", "行", "\t", " ", "\u2028", "行").Replace(text)
	}
	return text
}

// maybe returns text, or now and then nil.
func (w *writer) maybe(text string) *string {
	if w.random.IntN(4) == 0 {
		return nil
	}
	return &text
}

// accepted repeats a write with new text until the services accept it.
func accepted[T any](w *writer, do func() (T, error)) T {
	w.t.Helper()
	for range 300 {
		w.store.Advance(time.Second)
		w.tried++
		row, err := do()
		if err == nil {
			return row
		}
		w.refused++
		var bad fault.Invalid
		if !errors.As(err, &bad) && !fault.Is(err, fault.BadUserInput) {
			w.t.Fatalf("not a complaint about the text: %v", err)
		}
	}
	w.t.Fatal("no text was accepted")
	panic("unreachable")
}

// as returns the context of a token with a generated name.
func (w *writer) as(role viewer.Role, publisher string) context.Context {
	row := accepted(w, func() (*ent.Token, error) {
		_, row, err := w.Tokens.Create(system, token.CreateInput{Role: role, Name: w.line(100), Publisher: publisher})
		return row, err
	})
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: row.ID, Name: row.Name, Publisher: publisher, Address: "198.51.100.7"})
}

// writeAll fills the portal.
func (w *writer) writeAll() {
	w.writeSite()
	var places, publishers []string
	for n := range 4 {
		slug := fmt.Sprintf("place-%d", n)
		accepted(w, func() (*ent.Region, error) {
			return w.Regions.Create(system, region.CreateInput{Name: w.line(50), Slug: &slug, Position: w.random.IntN(9) - 4})
		})
		c := accepted(w, func() (*ent.Category, error) {
			in := category.CreateInput{Name: w.line(50), Slug: &slug, Position: -n}
			if n > 0 && n < 3 {
				in.Parent = &places[n-1]
			}
			return w.Categories.Create(system, in)
		})
		p := accepted(w, func() (*ent.Publisher, error) {
			return w.Publishers.Create(system, publisher.CreateInput{Name: w.line(50), Public: n%2 == 0})
		})
		places, publishers = append(places, c.ID), append(publishers, p.ID)
	}
	w.writePicture()
	for n := range 6 {
		a := w.writeArticle(places[n%4], publishers[n%4])
		w.writeComments(a)
		w.writeReports(a)
	}
	if err := w.Views.Flush(system); err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) writeSite() {
	accepted(w, func() (site.Facts, error) {
		return w.Site.Update(w.as(viewer.Admin, ""), site.UpdateInput{Name: new(w.line(50)), Contact: w.maybe(w.line(200)), Copyright: w.maybe(w.line(200)),
			ICPNumber: w.maybe(w.line(200)), Disclaimer: w.maybe(w.text(2000)), CommentsOff: []terminal.Terminal{terminal.Feed},
			URLs: []site.URLInput{{Terminal: terminal.WAP, Template: "/m/%E6%96%87/{id}?a=1&b=2"}}})
	})
}

func (w *writer) writePicture() {
	pictures := media.New(media.Options{Store: w.store.Store, Audit: w.Audit, Files: disk.New(w.t.TempDir()), Limits: media.Limits{Bytes: 1 << 20, Pixels: 1 << 20}})
	editor := w.as(viewer.Editor, "")
	accepted(w, func() (*ent.Picture, error) {
		in, err := pictures.Receive(editor, bytes.NewReader(imagegen.JPEG(400, 300)))
		if err != nil {
			return nil, err
		}
		return pictures.Add(editor, in, w.line(300))
	})
}

func (w *writer) writeArticle(place, publisher string) *ent.Article {
	editor := w.as(viewer.Editor, "")
	a := accepted(w, func() (*ent.Article, error) {
		in := article.CreateInput{Title: w.line(200), Subtitle: w.maybe(w.line(200)), Lead: w.maybe(w.line(1000)), Author: w.maybe(w.line(100)),
			Category: place, Publisher: &publisher, CommentsOpen: true, AIGenerated: w.random.IntN(2) == 0, Body: w.body()}
		for range w.random.IntN(4) {
			in.Tags = append(in.Tags, w.line(30))
		}
		if w.random.IntN(2) == 0 {
			in.Source = &article.SourceInput{Name: w.line(100), URL: new("https://example.com/" + strings.Repeat("文", w.random.IntN(3)) + "?q=%00&r=\u00e9")}
		}
		return w.Articles.Create(editor, in)
	})
	a = accepted(w, func() (*ent.Article, error) {
		body := w.body()
		return w.Articles.Update(editor, article.UpdateInput{Article: a.ID, Version: a.Version, Title: w.maybe(w.line(200)), Lead: w.maybe(w.line(1000)), Body: &body})
	})
	a = accepted(w, func() (*ent.Article, error) {
		at, expires := w.store.Clock(), w.store.Clock().Add(time.Duration(1+w.random.IntN(170*365*24))*time.Hour)
		return w.Articles.Publish(editor, article.PublishInput{Article: a.ID, At: &at, ExpiresAt: &expires})
	})
	if err := w.Views.Record(context.Background(), a.ID); err != nil {
		w.t.Fatal(err)
	}
	draft := accepted(w, func() (*ent.Article, error) {
		return w.Articles.Create(editor, article.CreateInput{Title: w.line(200), Category: place, Publisher: &publisher, Body: w.body()})
	})
	accepted(w, func() (*ent.Article, error) {
		return w.Articles.Publish(editor, article.PublishInput{Article: draft.ID})
	})
	accepted(w, func() (*ent.Article, error) {
		return w.Articles.Unpublish(editor, article.UnpublishInput{Article: draft.ID, Reason: new(w.line(500))})
	})
	return a
}

func (w *writer) body() article.BodyInput {
	text := "正文" + w.text(3000)
	if w.random.IntN(2) == 0 {
		return article.BodyInput{Markdown: &text}
	}
	text = "<h2>" + w.line(40) + "</h2><p>" + text + "</p><ul><li>" + w.text(50) + "</li></ul><table><tr><td>" + w.text(50) + "</td></tr></table>"
	return article.BodyInput{HTML: &text}
}

func (w *writer) writeComments(a *ent.Article) {
	reader, moderator := w.as(viewer.Reader, ""), w.as(viewer.Moderator, "")
	var parent *string
	for _, status := range []entcomment.Status{entcomment.StatusAPPROVED, entcomment.StatusREJECTED, entcomment.StatusAPPROVED} {
		c := accepted(w, func() (*ent.Comment, error) {
			return w.Comments.Add(reader, comment.AddInput{Article: a.ID, Text: w.text(2000), AuthorName: w.maybe(w.line(30)), Parent: parent})
		})
		accepted(w, func() (*ent.Comment, error) {
			return w.Comments.Edit(reader, comment.EditInput{Comment: c.ID, Text: w.text(2000)})
		})
		accepted(w, func() (*ent.Comment, error) {
			return w.Comments.Moderate(moderator, comment.ModerateInput{Comment: c.ID, Status: status, Reason: w.maybe(w.text(500))})
		})
		if status == entcomment.StatusAPPROVED {
			parent = &c.ID
		}
	}
}

// writeReports files a report of each kind, and decides on it in one way or another.
func (w *writer) writeReports(a *ent.Article) {
	moderator, owner := w.as(viewer.Moderator, ""), w.as(viewer.Publisher, a.PublisherID)
	reader := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Anonymous, Address: "203.0.113.6"})
	kinds := []entreport.Kind{entreport.KindCOPYRIGHT, entreport.KindPRIVACY, entreport.KindRUMOUR, entreport.KindOTHER}
	kind := kinds[w.random.IntN(len(kinds))]
	r := accepted(w, func() (*ent.Report, error) {
		return w.Reports.File(reader, report.FileInput{Target: a.ID, Kind: kind, Statement: w.text(5000), Contact: new(w.line(200)), Evidence: w.evidence()})
	})
	receipt := r.Receipt
	r = accepted(w, func() (*ent.Report, error) {
		return w.Reports.AddMaterial(reader, report.MaterialInput{Receipt: receipt, Statement: new(w.text(5000)), Contact: new(w.line(200)), Evidence: w.evidence()})
	})
	if _, err := w.Reports.Attach(w.as(viewer.Reader, ""), receipt, imagegen.JPEG(20, 20+w.random.IntN(50))); err != nil {
		w.t.Fatal(err)
	}
	decide := func(event report.Event) {
		accepted(w, func() (*ent.Report, error) {
			return w.Reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: event, Reason: w.text(2000)})
		})
	}
	switch r.Status {
	case entreport.StatusNEEDS_MATERIAL:
		return
	case entreport.StatusFILED:
		decide(report.Accept)
	}
	if w.random.IntN(2) == 0 {
		decide(report.Reject)
		in := takedown.Input{Item: a.ID}
		accepted(w, func() (*ent.Takedown, error) {
			in.Reason = w.text(2000)
			return w.Takedowns.TakeDown(moderator, in)
		})
		accepted(w, func() (*ent.Takedown, error) {
			in.Reason = w.text(2000)
			return w.Takedowns.Restore(moderator, in)
		})
		return
	}
	decide(report.TakeDown)
	if kind == entreport.KindCOPYRIGHT {
		accepted(w, func() (any, error) {
			return nil, w.Reports.Counter(owner, report.CounterInput{Item: a.ID, Statement: w.text(5000), Contact: new(w.line(200)), Evidence: w.evidence()})
		})
	}
}

func (w *writer) evidence() *report.EvidenceInput {
	return &report.EvidenceInput{Claimant: new(w.line(200)), Organisation: w.maybe(w.line(200)), Address: new(w.line(200)), WorkTitle: new(w.line(200)),
		WorkURL: w.maybe(w.line(2000)), Proof: new(w.text(5000)), Truthful: new(true)}
}
