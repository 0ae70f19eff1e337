package graph_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestNotesOfArticles names what a text had and its document has not, in the language of
// the request.
func TestNotesOfArticles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		category, publisher, editor := p.Category("行业新闻", "news", nil), p.Publisher("青禾社区", true), p.Token(viewer.Editor, "")
		type payload struct {
			Article struct {
				ID      string
				Version int
				Body    struct {
					Text   string
					Losses []struct{ Reason, Instead string }
				}
			}
			Notes []struct{ Kind, Message, Path string }
		}
		var got struct{ CreateArticle payload }
		p.MustAsk(editor, `mutation($in: CreateArticleInput!) { createArticle(input: $in) { article { id version body { text } } notes { kind message path } } }`,
			map[string]any{"in": map[string]any{"title": "开张", "category": category.ID, "publisher": publisher.ID,
				"body": map[string]any{"html": `<p>开张<button>展开</button></p><p>见<a href="news/1.html">通知</a></p>`}}}, &got)
		notes := got.CreateArticle.Notes
		if got.CreateArticle.Article.Body.Text != "开张\n\n见通知" || len(notes) != 2 || notes[0].Kind != "CONTROL" || notes[0].Path != "content[0]" ||
			notes[1].Kind != "LINK" || notes[1].Path != "content[1]" || notes[1].Message != "a link was left out and its text kept: news/1.html" {
			t.Fatalf("%+v", got)
		}
		body, err := json.Marshal(map[string]any{"query": `mutation($in: UpdateArticleInput!) { updateArticle(input: $in) { article { body { losses(terminal: MINI_PROGRAM) { reason instead } } } notes { message } userErrors { message } } }`,
			"variables": map[string]any{"in": map[string]any{"article": got.CreateArticle.Article.ID, "version": got.CreateArticle.Article.Version,
				"body": map[string]any{"markdown": `<img src="data:image/png;base64,AAAA">[通知](https://city.example.cn/1)`}}}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + editor, "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"} {
			r.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var chinese struct {
			Data struct{ UpdateArticle payload }
		}
		if err := json.NewDecoder(resp.Body).Decode(&chinese); err != nil {
			t.Fatal(err)
		}
		if notes := chinese.Data.UpdateArticle.Notes; len(notes) != 1 || notes[0].Message != "图片没有可用的网址（http、https），未收入正文：data:image/png" {
			t.Errorf("%+v", chinese)
		}
		if losses := chinese.Data.UpdateArticle.Article.Body.Losses; len(losses) != 1 || losses[0].Reason != "富文本组件里不能有链接" ||
			losses[0].Instead != "只留文字；地址是 https://city.example.cn/1" {
			t.Errorf("%+v", losses)
		}
	})
}
