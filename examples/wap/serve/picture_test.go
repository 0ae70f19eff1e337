package serve_test

import (
	"flag"
	"testing"
)

var pictures = flag.String("pictures", "", "write the pictures of the documentation into this folder")

// TestPictures opens the pages of the documentation, and takes their screenshots for make
// pictures.
func TestPictures(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	id, slug := subject(t, p)
	b := phone(t)
	for _, page := range []struct {
		name, path, look string
		width            int64
	}{
		{"list", "/", "body", 360}, {"article", "/a/" + slug, "body", 360}, {"comments", "/a/" + slug, "#talk", 360},
		{"search", "/search?q=%E5%85%BB%E8%80%81", "body", 360}, {"report", "/report/" + id, "body", 360},
		{"elder", "/view?view=elder1&back=/a/" + slug, "body", 360}, {"wide", "/view?view=1&back=/", "body", 1280},
	} {
		b.Viewport(page.width, 740)
		b.Open(home + page.path)
		b.Wait("main h1")
		b.Evaluate(`document.querySelector("`+page.look+`").scrollIntoView({behavior: "instant"})`, nil)
		if *pictures != "" {
			b.Screenshot(*pictures + "/wap-" + page.name + ".png")
		}
	}
	b.AssertClean(home)
}
