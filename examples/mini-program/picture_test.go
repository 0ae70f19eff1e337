package miniprogram_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures of the documentation")

// TestPictures takes screenshots of the list and an article, and checks that nothing is wider
// than the phone.
func TestPictures(t *testing.T) {
	t.Parallel()
	b := phone(t, portal(t))
	b.Evaluate("window.pictures = true", nil)
	folder := t.TempDir()
	if *update {
		folder = "../../docs/pictures"
	}
	for name, page := range map[string]string{
		"mini-program-list":    `open("pages/list/list", {})`,
		"mini-program-article": `named("vacant-beds-quarter").then((id) => open("pages/article/article", { id }))`,
	} {
		await(t, b, page+`.then(picture).then(() => {})`, nil)
		var wide bool
		if b.Evaluate("document.documentElement.scrollWidth > 375", &wide); wide {
			t.Errorf("%s is wider than the phone", name)
		}
		file := filepath.Join(folder, name+".png")
		b.Screenshot(file)
		if info, err := os.Stat(file); err != nil || info.Size() < 10_000 || info.Size() > 150_000 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if problems := b.Problems(); problems != nil {
		t.Error(problems)
	}
}
