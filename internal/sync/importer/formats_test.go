package importer_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/sync/importer/dedecms"
	"github.com/tonggao/tonggao/internal/sync/importer/destoon"
	"github.com/tonggao/tonggao/internal/sync/importer/markdown"
	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
	"github.com/tonggao/tonggao/internal/sync/importer/wxr"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// generated returns a site of n articles in a format, of which the first are changed.
type generated func(t *testing.T, n, changed int) record.Site

// lineOf returns the text of article i; another one if it is changed.
func lineOf(i, changed int) string {
	if i < changed {
		return fmt.Sprintf("第 %d 班渡船晚点，改从老街码头出发。", i)
	}
	return fmt.Sprintf("第 %d 班渡船准点，船上有扶手。", i)
}

func generateWXR(t *testing.T, n, changed int) record.Site {
	var b strings.Builder
	b.WriteString(`<rss xmlns:content="content" xmlns:wp="wp"><channel><wp:base_site_url>https://www.yundu.example</wp:base_site_url><wp:category><wp:category_nicename>ferry</wp:category_nicename><wp:cat_name>渡船</wp:cat_name></wp:category>`)
	for i := range n {
		_, _ = fmt.Fprintf(&b, `<item><title>班次 %d</title><creator>lin</creator><content:encoded><![CDATA[%s]]></content:encoded><wp:post_id>%d</wp:post_id><wp:post_date>2024-03-18 09:20:31</wp:post_date><wp:post_type>post</wp:post_type><wp:status>publish</wp:status><category domain="category" nicename="ferry">渡船</category></item>`, i, lineOf(i, changed), i+1)
	}
	b.WriteString("</channel></rss>")
	e, err := wxr.Open(strings.NewReader(b.String()), "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// tablesOf returns the tables of a dump in GBK.
func tablesOf(t *testing.T, dump string, wanted func(string) bool) *mysql.Tables {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("SET NAMES gbk;" + dump)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader(gbk)}, "", wanted)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tables.Close() })
	return tables
}

func generateDestoon(t *testing.T, n, changed int) record.Site {
	var b strings.Builder
	b.WriteString("CREATE TABLE destoon_category (catid int, moduleid int, catname char(20), parentid int, PRIMARY KEY (catid));INSERT INTO destoon_category VALUES (1,21,'渡船',0);" +
		"CREATE TABLE destoon_article_21 (itemid int, catid int, title char(80), username char(30), addtime int, status int, linkurl char(99), PRIMARY KEY (itemid));CREATE TABLE destoon_article_data_21 (itemid int, content text, PRIMARY KEY (itemid));")
	for i := range n {
		_, _ = fmt.Fprintf(&b, "INSERT INTO destoon_article_21 VALUES (%d,1,'班次 %d','lin',1710724831,3,'%d.html');INSERT INTO destoon_article_data_21 VALUES (%d,'<p>%s</p>');\n", i+1, i, i, i+1, lineOf(i, changed))
	}
	p, err := destoon.New(context.Background(), tablesOf(t, b.String(), destoon.Wanted), "https://www.yundu.example")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func generateDedeCMS(t *testing.T, n, changed int) record.Site {
	var b strings.Builder
	b.WriteString("CREATE TABLE dede_arctype (id int, reid int, typename char(30), typedir char(60), PRIMARY KEY (id));INSERT INTO dede_arctype VALUES (1,0,'渡船','/ferry');" +
		"CREATE TABLE dede_member (mid int, uname char(30), PRIMARY KEY (mid));INSERT INTO dede_member VALUES (1,'林小满');" +
		"CREATE TABLE dede_archives (id int, typeid int, channel int, arcrank int, title char(60), mid int, pubdate int, senddate int, PRIMARY KEY (id));CREATE TABLE dede_addonarticle (aid int, body text, PRIMARY KEY (aid));")
	for i := range n {
		_, _ = fmt.Fprintf(&b, "INSERT INTO dede_archives VALUES (%d,1,1,0,'班次 %d',1,1710724831,1710724831);INSERT INTO dede_addonarticle VALUES (%d,'<p>%s</p>');\n", i+1, i, i+1, lineOf(i, changed))
	}
	s, err := dedecms.New(context.Background(), tablesOf(t, b.String(), dedecms.Wanted), "https://www.yundu.example")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// generateFolder returns the generator of a folder of Markdown, whose pages are in content.
func generateFolder(config, content string) generated {
	return func(t *testing.T, n, changed int) record.Site {
		dir := t.TempDir()
		write := func(name, text string) {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(config, "")
		for i := range n {
			write(fmt.Sprintf("%s/%d.md", content, i), fmt.Sprintf("---\ntitle: 班次 %d\ndate: 2024-03-18 09:20:31\ncategories: [渡船]\nauthor: 林小满\n---\n%s\n", i, lineOf(i, changed)))
		}
		f, err := markdown.Open(dir, "https://www.yundu.example")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
}

// TestFormats moves a site of each format in; the second import changes nothing, and the
// third brings exactly what changed at the source.
func TestFormats(t *testing.T) {
	t.Parallel()
	n, changed := effort.N(12), 10
	for format, generate := range map[string]generated{"wxr": generateWXR, "destoon": generateDestoon, "dedecms": generateDedeCMS,
		"hugo": generateFolder("hugo.toml", "content/ferry"), "hexo": generateFolder("_config.yml", "source/_posts")} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			each(t, func(h *portal) {
				moveIn := func(from record.Site) importer.Result {
					var sum importer.Summary
					if err := h.importer.MoveIn(context.Background(), format, format, from, &sum, func(int) {}); err != nil {
						h.Fatal(err)
					}
					return *sum.Kinds["Article"]
				}
				if diff := cmp.Diff(importer.Result{Created: n}, moveIn(generate(h.T, n, 0))); diff != "" {
					h.Errorf("the first import: %s", diff)
				}
				archive, log := h.export(), h.log()
				if diff := cmp.Diff(importer.Result{Unchanged: n}, moveIn(generate(h.T, n, 0))); diff != "" {
					h.Errorf("the second import: %s", diff)
				}
				if archive != h.export() || log != h.log() {
					h.Error("the second import changed something")
				}
				if diff := cmp.Diff(importer.Result{Unchanged: n - changed, Updated: changed}, moveIn(generate(h.T, n, changed))); diff != "" {
					h.Errorf("the third import: %s", diff)
				}
				if late := strings.Count(h.export(), "晚点"); late != changed {
					h.Errorf("%d articles are changed", late)
				}
			})
		})
	}
}
