package site_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestUpdate changes the facts and reads them back.
func TestUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		service := site.New(s.Store)
		defaults := get(t, service)
		f, err := service.Update(admin, site.UpdateInput{
			Name: new(" 青禾养老网 "), Contact: new("kf@example.com"), Copyright: new("(c)2008-现在"), ICPNumber: new("青ICP备00000000号"),
			Disclaimer: new("作者:{publisher}\r\n联系:{contact}"), ReportWorkingDays: new(30),
			URLs: []site.URLInput{{Terminal: terminal.Web, Template: " https://www.example.com/news/{slug}?id={id} "}, {Terminal: terminal.WAP}},
		})
		check.NoError(t, err)
		want := site.Facts{Name: "青禾养老网", Contact: "kf@example.com", Copyright: "(c)2008-现在", ICPNumber: "青ICP备00000000号",
			Disclaimer: "作者:{publisher}\n联系:{contact}", ReportWorkingDays: 30,
			URLs:      map[terminal.Terminal]string{terminal.Web: "https://www.example.com/news/{slug}?id={id}"},
			ChangedAt: s.Clock()}
		check.Equal(t, "what is returned", f, want)
		check.Equal(t, "what is kept", get(t, site.New(s.Store)), want)
		check.Equal(t, "an address", site.ArticleURL(f, terminal.Web, "a-b", "art_1"), "https://www.example.com/news/a-b?id=art_1")
		check.Equal(t, "no address", site.ArticleURL(f, terminal.WAP, "a-b", "art_1"), "")
		f, err = service.Update(admin, site.UpdateInput{Name: &defaults.Name})
		check.NoError(t, err)
		want.Name = defaults.Name
		check.Equal(t, "what is left out stays", f, want)
		f, err = service.Update(admin, site.UpdateInput{Contact: new(""), Copyright: new(" "), ICPNumber: new(""), Disclaimer: new(""),
			URLs: []site.URLInput{{Terminal: terminal.Web}}})
		check.NoError(t, err)
		check.Equal(t, "what may be empty", f, site.Facts{Name: "通稿", ReportWorkingDays: 30, URLs: map[terminal.Terminal]string{}, ChangedAt: s.Clock()})
		check.Equal(t, "without a disclaimer", site.Disclaimer(f, "青禾社区"), "")
	})
}

// TestUpdateInvalid changes the facts to wrong values, which are refused.
func TestUpdateInvalid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		service := site.New(s.Store)
		before := get(t, service)
		long := new(strings.Repeat("长", 2001))
		for _, c := range []struct {
			in   site.UpdateInput
			says string
		}{
			{site.UpdateInput{Name: new(" ")}, "name REQUIRED"},
			{site.UpdateInput{Name: new(strings.Repeat("长", 51))}, "name TOO_LONG"},
			{site.UpdateInput{Name: new("通\n稿")}, "name INVALID"},
			{site.UpdateInput{Name: new("通\xff稿")}, "name INVALID"},
			{site.UpdateInput{Contact: new("a\tb"), Copyright: new("a\x00b"), ICPNumber: new("a\x1bb"), Disclaimer: new("a\x00b")},
				"contact INVALID, copyright INVALID, icpNumber INVALID, disclaimer INVALID"},
			{site.UpdateInput{Contact: long, Copyright: long, ICPNumber: long, Disclaimer: long},
				"contact TOO_LONG, copyright TOO_LONG, icpNumber TOO_LONG, disclaimer TOO_LONG"},
			{site.UpdateInput{ReportWorkingDays: new(0)}, "reportWorkingDays INVALID"},
			{site.UpdateInput{ReportWorkingDays: new(31)}, "reportWorkingDays INVALID"},
			{site.UpdateInput{Name: new(""), ReportWorkingDays: new(-1), URLs: []site.URLInput{{terminal.App, "/a/{id}"}, {terminal.Web, "/a"}}},
				"name REQUIRED, reportWorkingDays INVALID, urls.1.template INVALID"},
		} {
			_, err := service.Update(admin, c.in)
			check.Equal(t, "the answer", check.Problems(err), c.says)
		}
		check.Equal(t, "the facts", get(t, service), before)
	})
}

var templates = map[string]bool{
	"/a/{slug}": true, "/{id}": true, "/a?id={id}&s={slug}": true, "/#/a/{id}": true, "/%E6%96%87/{slug}": true,
	"http://m.example.com/a/{slug}": true, "HTTPS://m.example.com:8443/{slug}.html": true, "https://[2001:db8::1]/{id}": true,
	"/a": false, "/a/{title}": false, "/a/{slug}/{title}": false, "/a/{slug": false, "/a/{slug}}": false,
	"a/{slug}": false, "{slug}": false, "//evil.example.com/{slug}": false, `/\evil.example.com/{slug}`: false,
	"javascript:alert('{id}')": false, "data:text/html,{id}": false, "ftp://example.com/{slug}": false, "weixin://dl/{id}": false,
	"https:///{slug}": false, "https:{slug}": false, "https://user:pass@example.com/{slug}": false, "https://{slug}.example.com/": false,
	"/a b/{slug}": false, "/a\n{slug}": false, "/a\x00{slug}": false, `/a"onclick="{slug}`: false, "/<b>{slug}": false,
	"/文章/{slug}": false, "/%zz/{slug}": false, "/\xff{slug}": false,
	"/" + strings.Repeat("a", 493) + "{slug}": true, "/" + strings.Repeat("a", 494) + "{slug}": false,
}

// TestUpdateURLTemplates checks which templates of addresses are accepted.
func TestUpdateURLTemplates(t *testing.T) {
	t.Parallel()
	service := site.New(storetest.SQLite(t).Store)
	for template, good := range templates {
		_, err := service.Update(admin, site.UpdateInput{URLs: []site.URLInput{{terminal.App, template}}})
		if (err == nil) != good {
			t.Errorf("%q: %v", template, err)
		}
	}
}

// Every template that passes, the addresses made with it stay where it points, are
// safe in an attribute, and differ from article to article.
func FuzzTemplate(f *testing.F) {
	for template := range templates {
		f.Add(template)
	}
	service := site.New(storetest.SQLite(f).Store)
	f.Fuzz(func(t *testing.T, template string) {
		facts, err := service.Update(system, site.UpdateInput{URLs: []site.URLInput{{terminal.App, template}}})
		if err != nil || facts.URLs[terminal.App] == "" {
			return
		}
		one, other := site.ArticleURL(facts, terminal.App, "one", "art_1"), site.ArticleURL(facts, terminal.App, "other", "art_2")
		if one == other || strings.ContainsAny(one, "<>\"\\{}` \n\t") {
			t.Errorf("%q makes %q and %q", template, one, other)
		}
		u, err := url.Parse(one)
		v, err2 := url.Parse(other)
		if err != nil || err2 != nil || u.Host != v.Host || u.Scheme != v.Scheme || u.User != nil {
			t.Fatalf("%q makes %q", template, one)
		}
		if u.Scheme == "" && (u.Host != "" || !strings.HasPrefix(one, "/")) || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q leads to %q", template, one)
		}
	})
}

// TestDisclaimer checks that a name cannot bring in another placeholder.
func TestDisclaimer(t *testing.T) {
	t.Parallel()
	f := site.Facts{Disclaimer: "{publisher}|{contact}|{slug}", Contact: "kf@example.com{publisher}"}
	check.Equal(t, "filled in", site.Disclaimer(f, "{contact}"), "{contact}|kf@example.com{publisher}|{slug}")
	f.Contact = ""
	check.Equal(t, "without a contact", site.Disclaimer(f, "青禾社区"), "青禾社区|本站|{slug}")
}
