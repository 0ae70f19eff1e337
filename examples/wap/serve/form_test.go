package serve_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestCommentForm comments and replies without JavaScript.
func TestCommentForm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p, home := site(t, s)
		_, slug := subject(t, p)
		v := visit(t, home)
		d := v.open("/a/" + slug)
		if refused := v.submit(d, "comment", map[string]string{"text": "  ", "name": "葛阿姨"}); refused.status != 422 || !strings.Contains(refused.byID("comment"), "评论内容：") {
			t.Errorf("an empty comment: %d %s", refused.status, refused.byID("comment"))
		}
		if sent := v.submit(v.open("/a/"+slug), "comment", map[string]string{"text": "写得很清楚。", "website": "http://spam.example"}); strings.Contains(sent.text, "spam") {
			t.Error("a robot's comment is shown")
		}
		sent := v.submit(d, "comment", map[string]string{"text": "写得很清楚，谢谢。", "name": "葛阿姨"})
		if sent.status != 200 || !strings.Contains(sent.byID("talk"), "等待审核") {
			t.Errorf("%d at %s: %s", sent.status, sent.at, sent.byID("talk"))
		}
		again := v.submit(d, "comment", map[string]string{"text": "写得很清楚，谢谢。", "name": "葛阿姨"}) // pressed twice
		if again.status != 200 {
			t.Errorf("the same again: %d", again.status)
		}
		var queue struct {
			Comments struct {
				Edges []struct {
					Node struct {
						Text, Author string
						Parent       *struct{ ID string }
					}
				}
			}
		}
		reply := d.find(classed("reply"))
		d = v.open(attribute(reply, "href"))
		if !strings.Contains(d.byID("comment"), "回复：") {
			t.Error("the form does not name whom it replies to")
		}
		v.submit(d, "comment", map[string]string{"text": "同意楼上的意见。"})
		p.MustAsk(p.Token(viewer.Moderator, ""), `{ comments(filter: {status: PENDING}, first: 100) { edges { node { text author parent { id } } } } }`, nil, &queue)
		count, replies := 0, 0
		for _, edge := range queue.Comments.Edges {
			switch edge.Node.Text {
			case "写得很清楚，谢谢。":
				count++
			case "同意楼上的意见。":
				if edge.Node.Parent != nil && edge.Node.Parent.ID == attribute(reply, "data-id") {
					replies++
				}
			}
		}
		if count != 1 || replies != 1 {
			t.Errorf("%d comments and %d replies wait, want one of each", count, replies)
		}
	})
}

// TestFormsOfOtherSites refuses forms without the token of this site.
func TestFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	id, slug := subject(t, p)
	for _, path := range []string{"/a/" + slug, "/report/" + id, "/status"} {
		v := visit(t, home)
		v.open("/") // has the cookie
		for _, token := range []string{"", "x", strings.Repeat("A", 26)} {
			response, err := v.client.PostForm(home+path, url.Values{"form": {token}, "text": {"好"}, "statement": {"这是一份举报。"}, "kind": {"OTHER"}})
			if d := v.read(response, err); d.status != http.StatusForbidden {
				t.Errorf("%s with the token %q: %d", path, token, d.status)
			}
		}
	}
}

// TestReportForm reports without JavaScript, follows the receipt and hands in what is missing.
func TestReportForm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p, home := site(t, s)
		id, slug := subject(t, p)
		v := visit(t, home)
		d := v.open("/report/" + id + "?kind=COPYRIGHT")
		if title := v.open("/a/" + slug).byID("main"); !strings.Contains(title, strings.TrimSpace(textOf(d.find(func(n *html.Node) bool { return n.Data == "a" && attribute(n, "href") == "/a/"+slug })))) {
			t.Error("the form does not name what is reported")
		}
		given := map[string]string{"statement": "太短", "contact": "13900000000", "claimant": "周见山", "workTitle": "河边的食堂", "proof": "见 2025 年 3 月出版的样刊。"}
		refused := v.submit(d, "file", given)
		if refused.status != 422 || !strings.Contains(refused.byID("file"), "情况说明：") || !strings.Contains(refused.text, "周见山") {
			t.Errorf("too short: %d %s", refused.status, refused.byID("file"))
		}
		given["statement"] = "文章第二段照抄了本人的作品。"
		filed := v.submit(refused, "file", given)
		receipt := filed.byID("receipt")
		if filed.status != 200 || !strings.HasPrefix(receipt, "R-") {
			t.Fatalf("%d %s", filed.status, textOf(filed.root))
		}
		d = v.submit(v.open("/status"), "status", map[string]string{"receipt": strings.ToLower(receipt)})
		if !strings.Contains(textOf(d.root), "侵犯著作权：需要补充材料") {
			t.Errorf("%d %s", d.status, textOf(d.root))
		}
		d = v.submit(d, "material", map[string]string{"address": "临澜市河西路 8 号", "truthful": "1"})
		if !strings.Contains(textOf(d.root), "材料已收到") || d.byID("material") != "" {
			t.Errorf("%d at %s: %s", d.status, d.at, textOf(d.root))
		}
		p.AskForFiles(receipt)
		d = v.submit(d, "files", map[string]string{"样刊.pdf": "%PDF-1.7 样刊", "证书.pdf": "%PDF-1.7 证书"})
		if !strings.Contains(textOf(d.root), "已收到 2 个文件") {
			t.Errorf("%d at %s: %s", d.status, d.at, textOf(d.root))
		}
		if d = v.submit(d, "files", map[string]string{"样刊.txt": "不是图片"}); d.status < 400 || !strings.Contains(textOf(d.root), "已收到 2 个文件") {
			t.Errorf("a text file: %d %s", d.status, textOf(d.root))
		}
	})
}
