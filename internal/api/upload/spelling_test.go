package upload_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// spellings returns addresses that a browser or a server may take for the path.
func spellings(path string) []string {
	name := strings.TrimPrefix(path, "/media/")
	return []string{path, path + "?v=1", path + "?x-oss-process=image/resize,w_100", path + "#top", "/media//" + name, "/media/./" + name,
		"/x/../media/" + name, "/media/x/../" + name, "/%6dedia/" + name, "/x/%2e%2e/media/" + name, "/media/%2e/" + name,
		"//media/" + name, "/media%2f" + name, "/media/" + strings.Replace(name, "/", "%2F", 1), `\media\` + name,
		"https://cdn.linlan.example" + path, "https://cdn.linlan.example/" + path + "?v=1"}
}

// TestTakedownOfEverySpelling takes an article down that shows a picture, or links to it, by
// each spelling of its address: the picture disappears, even if an article that is scheduled
// or has expired shows it too.
func TestTakedownOfEverySpelling(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		dir := t.TempDir()
		p := apptest.Start(t, s, func(c *config.Config) { c.MediaDir = dir })
		editor := p.Token(viewer.Editor, "")
		category, publisher := p.Category("行业新闻", "news", nil).ID, p.Publisher("云渡颐园", true).ID
		picture := send(t, p, editor, "", bytes.NewReader(imagegen.PNG(61, 40, false)))
		write := func(html string) article.CreateInput {
			return article.CreateInput{Title: "院子", Category: category, Publisher: &publisher, Body: article.BodyInput{HTML: &html}}
		}
		image := fmt.Sprintf(`<p>院子</p><img src="%s">`, picture.URL)
		p.Article(write(image), s.Clock().Add(24*time.Hour))
		expired := p.Article(write(image), s.Clock().Add(-2*time.Hour))
		p.MustAsk(editor, `mutation ($id: ID!, $at: Time!) { publishArticle(input: {article: $id, expiresAt: $at}) { article { id } userErrors { message } } }`,
			map[string]any{"id": expired.ID, "at": s.Clock().Add(time.Minute)}, new(any))
		s.Set(s.Clock().Add(2 * time.Minute))
		status := func() int {
			resp, _ := get(t, p.URL+picture.URL, func(*http.Request) {})
			return resp.StatusCode
		}
		for _, address := range spellings(picture.URL) {
			for _, form := range []string{`<p>院子</p><img src="%s">`, `<p><a href="%s">院子</a></p>`} {
				if strings.HasPrefix(address, "//") {
					continue // the host is called media
				}
				a := p.Article(write(fmt.Sprintf(form, address)), s.Clock().Add(-time.Hour))
				document := s.Client(apptest.System()).Body.GetX(apptest.System(), a.ID).Document
				if !strings.Contains(document, picture.URL+`"`) {
					t.Errorf("%s is stored as %s", address, document)
				}
				if got := status(); got != http.StatusOK {
					t.Fatalf("%s: %d before the takedown", address, got)
				}
				g := gallery{t: t, here: p}
				g.moderate("takeDown", a)
				if got := status(); got != http.StatusNotFound {
					t.Errorf("%s as %s: %d after the takedown", address, form, got)
				}
			}
		}
	})
}

// TestOnlyCanonicalAddresses serves a picture at one address only, and redirects none; an
// address that is served, in any spelling that a browser resolves, names the picture.
func TestOnlyCanonicalAddresses(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.MediaDir = t.TempDir(); c.RateLimit = 0 })
	picture := send(t, p, p.Token(viewer.Editor, ""), "", bytes.NewReader(imagegen.PNG(61, 40, false)))
	hash := mediaurl.HashOf(picture.URL)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	status := func(address string) int {
		resp, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	base, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	served := 0
	try := func(address string) {
		if relative, err := url.Parse(strings.ReplaceAll(address, `\`, "/")); err == nil && relative.Host == "" {
			for _, resolved := range []string{p.URL + address, base.ResolveReference(relative).String()} {
				u, err := url.Parse(resolved)
				if err != nil {
					continue
				}
				got := status(resolved)
				if got == http.StatusOK {
					served++
				}
				if got == http.StatusOK && (mediaurl.HashOf(address) != hash || u.EscapedPath() != picture.URL || u.RawQuery != "") {
					t.Errorf("%s is served at %s, and names %q", address, resolved, mediaurl.HashOf(address))
				}
				if got >= 300 && got < 400 && mediaurl.HashOf(address) == hash {
					t.Errorf("%s: %d", resolved, got)
				}
			}
		}
	}
	for _, address := range spellings(picture.URL) {
		try(address)
	}
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"/", "//", "/./", "/x/../", "/%2e/", "%2f", "?", "?v=1", "#", "/media", "/%6dedia", "/MEDIA", hash, "/61.png", ".png", "%31", "61", ";", "%00"}
	for range effort.N(300) {
		address := []byte(picture.URL)
		for range 1 + random.IntN(3) {
			at := random.IntN(len(address))
			switch part := parts[random.IntN(len(parts))]; random.IntN(3) {
			case 0:
				address = []byte(string(address[:at]) + part + string(address[at:]))
			case 1:
				address = fmt.Appendf(nil, "%s%%%02x%s", address[:at], address[at], address[at+1:])
			default:
				address = append(address, part...)
			}
		}
		if address[0] == '/' {
			try(string(address))
		}
	}
	if served < 10 {
		t.Errorf("only %d addresses were served", served)
	}
}
