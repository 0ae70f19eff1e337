package serve_test

import (
	"flag"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var pictures = flag.String("pictures", "", "write the pictures of the documentation into this folder")

// TestPictures opens the four pages of the documentation, and takes their screenshots for
// make pictures.
func TestPictures(t *testing.T) {
	t.Parallel()
	p, home := site(t, storetest.SQLite(t))
	id, slug := subject(t, p)
	b := phone(t)
	for _, page := range []struct{ name, path, ready, look string }{
		{"list", "/", ".cards > li", "#top"},
		{"article", "/a/" + slug, ".comments .remark", "#top"},
		{"comments", "/a/" + slug, ".comments .remark", ".talk"},
		{"report", "/report/" + id, "#file", "#top"},
	} {
		b.Open(home + page.path)
		b.Wait(page.ready)
		b.Until(`document.querySelector("#region").options.length > 1`)
		b.Evaluate(`document.querySelector("`+page.look+`").scrollIntoView({behavior: "instant"})`, nil)
		if *pictures != "" {
			b.Screenshot(*pictures + "/wap-" + page.name + ".png")
		}
	}
	b.AssertClean(home)
}
