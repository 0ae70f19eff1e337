package markdown

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// FuzzPage reads any bytes as a page: they are one article or one broken record.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{"---\ntitle: 甲\ntags: [助餐, 老街]\ndate: 2024-03-18 09:20:31\n---\n正文", "+++\ntitle = '乙'\ndate = 2024-03-18\n+++\n", "{\n\"title\": \"丙\"}\n正文",
		"# 标题\n{{< figure src=\"a.png\" >}}{% asset_img b.png 图 %}", "---\na: &a [1]\nb: [*a,*a]\n---\n", "---\n", "+++\na = [\n+++\n", "---\ntitle: !!binary 甲\n---\n"} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(dir, filepath.Base(t.Name())+".md")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		folder, err := Open(name, "")
		if err != nil {
			t.Fatal(err)
		}
		defer folder.Close()
		articles := 0
		err = folder.Records(context.Background(), func(r record.Record) error {
			switch r.(type) {
			case *record.Article, *record.Broken:
				articles++
			}
			return nil
		})
		if err != nil || articles != 1 {
			t.Errorf("%d records, %v", articles, err)
		}
	})
}
