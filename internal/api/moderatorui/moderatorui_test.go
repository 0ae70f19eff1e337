package moderatorui_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var pictures = flag.String("pictures", "", "folder for screenshots of the page")

// portal is a program with an article, three pending comments and a report, and a browser.
type portal struct {
	*apptest.Program
	*browsertest.Browser
	t       *testing.T
	article *ent.Article
	pending []*ent.Comment
}

func open(t *testing.T, width int64) *portal {
	t.Helper()
	p := &portal{Program: apptest.Start(t, storetest.SQLite(t)), Browser: browsertest.Start(t), t: t}
	p.Viewport(width, 800)
	text := "第一段说养老。\n\n第二段写了一个**不该写**的电话号码。\n\n![门口的牌子](" + p.upload(certificate, "Authorization", "Bearer "+p.Token(viewer.Editor, "")) +
		")\n\n![别处的图](https://elsewhere.example/a.jpg)"
	p.article = p.Article(article.CreateInput{Title: "软食不等于糊糊：一间厨房的四级做法", Category: p.Category("行业新闻", "news", nil).ID,
		Publisher: &p.Publisher("云渡颐园", true).ID, Body: article.BodyInput{Markdown: &text}}, p.Store.Clock())
	name := "溪口老陈"
	for _, words := range []string{"讲得明白，我们院也想照着做。", "加微信领养老补贴，点这里。", "请问四级是按什么分的？"} {
		p.Store.Advance(1_000_000_000)
		p.pending = append(p.pending, p.Comment(comment.AddInput{Article: p.article.ID, Text: words, AuthorName: &name}, false))
	}
	p.file("VIOLATION", "第二段的电话号码是别人家的，天天有人打错。")
	return p
}

func (p *portal) file(kind, statement string) (receipt string) {
	p.t.Helper()
	var data struct {
		FileReport struct {
			Receipt    string
			UserErrors []struct{ Message string }
		}
	}
	p.MustAsk("", `mutation ($in: FileReportInput!) { fileReport(input: $in) { receipt userErrors { message } } }`,
		map[string]any{"in": map[string]any{"target": p.article.ID, "kind": kind, "statement": statement,
			"contact": "wl@example.com", "evidence": map[string]any{"claimant": "王岭"}}}, &data)
	if data.FileReport.Receipt == "" {
		p.t.Fatalf("the report was refused: %v", data.FileReport.UserErrors)
	}
	p.AskForFiles(data.FileReport.Receipt)
	p.upload(certificate, "X-Tonggao-Receipt", data.FileReport.Receipt)
	return data.FileReport.Receipt
}

// upload sends a file with the token or receipt in the header, and returns its address.
func (p *portal) upload(file []byte, header, value string) (url string) {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodPost, p.URL+"/upload", bytes.NewReader(file))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set(header, value)
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("the file was refused: %v %v", response, err)
	}
	var uploaded struct{ URL string }
	if err := errors.Join(json.NewDecoder(response.Body).Decode(&uploaded), response.Body.Close()); err != nil {
		p.t.Fatal(err)
	}
	return uploaded.URL
}

// certificate is the evidence of a reporter.
var certificate = imagegen.JPEG(60, 40)

func (p *portal) signIn(role viewer.Role) {
	p.t.Helper()
	p.Wait("form.login input")
	p.Evaluate(`document.querySelector("form.login input").value = ""`, nil)
	p.Type("form.login input", p.Token(role, "")+kb.Enter)
}

// publicComments returns the number of public comments; -1 if the article is not public.
func (p *portal) publicComments() int {
	p.t.Helper()
	var data struct{ Article *struct{ CommentCount int } }
	p.MustAsk("", `query ($id: ID!) { article(id: $id) { commentCount } }`, map[string]any{"id": p.article.ID}, &data)
	if data.Article == nil {
		return -1
	}
	return data.Article.CommentCount
}

// pictureShown returns a JavaScript condition: the article's picture is drawn below the selector.
func pictureShown(selector string) string {
	return fmt.Sprintf(`document.querySelector("%s img[alt=门口的牌子]")?.naturalWidth === 60`, selector)
}

func (p *portal) picture(name string) {
	if *pictures != "" {
		p.Screenshot(filepath.Join(*pictures, name+".png"))
	}
}

func sizes(t *testing.T, test func(*testing.T, *portal, string)) {
	for _, width := range []int64{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			test(t, open(t, width), fmt.Sprint(width))
		})
	}
}

// TestModeration signs in, approves a comment, rejects two and undoes that, and decides a
// report, with the mouse.
func TestModeration(t *testing.T) {
	t.Parallel()
	sizes(t, func(t *testing.T, p *portal, size string) {
		p.Open(p.URL + "/desk")
		p.Wait("form.login input")
		p.Type("form.login input", "tg_not_a_token"+kb.Enter)
		p.WaitText("#wrong", "令牌无效")
		p.signIn(viewer.Reader)
		p.WaitText("#wrong", "角色是 READER")
		p.Accessible("signing in")
		p.signIn(viewer.Moderator)

		p.Wait(`[data-id="` + p.pending[0].ID + `"] .good`)
		p.Accessible("the comments")
		p.picture("desk-comments-" + size)
		p.Click(`[data-id="` + p.pending[0].ID + `"] .good`)
		p.WaitText("#notice", "已通过 1 条")
		if n := p.publicComments(); n != 1 {
			t.Errorf("%d comments are public", n)
		}
		p.Click(".bar input[type=checkbox]")
		p.WaitText(".bar", "已选 2 条")
		p.Click(".bar .bad")
		p.Wait("dialog[open]")
		p.Accessible("the reason")
		p.Evaluate(`document.querySelector("dialog select").selectedIndex = 1, document.querySelector("dialog select").dispatchEvent(new Event("change"))`, nil)
		p.Click("dialog button.bad")
		p.WaitText("#notice", "未通过 2 条")
		p.WaitText("main", "没有等待审核的评论")
		p.Click("#notice button")
		p.WaitText("#notice", "撤销了 2 条")
		p.Until(`document.querySelectorAll(".item").length === 2`)

		p.Click(`#nav a[href="#reports"]`)
		p.WaitText(".report", "软食不等于糊糊")
		p.Accessible("the reports")
		p.Click(".report a")
		p.WaitText("#state", "待受理")
		p.WaitText(".snapshot", "不该写")
		p.WaitText(".snapshot", "在别的网站：https://elsewhere.example/a.jpg")
		p.Accessible("the report")
		p.picture("desk-case-" + size)
		p.Click(".snapshot button.picture")
		p.Until(pictureShown(".snapshot"))
		p.Accessible("a picture")
		p.Click("#reveal")
		p.WaitText("dialog", "会记入审计")
		p.Accessible("the reason to reveal")
		p.Type("dialog textarea", "联系举报人核实号码。")
		p.Click("dialog button.bad")
		p.WaitText("#person", "王岭")
		p.WaitText("#person", "wl@example.com")
		p.WaitText("#person", "附件 1：照片")
		p.Accessible("the reporter")
		p.Evaluate(`void fetch(document.querySelector("#person a").href).then((r) => r.blob()).then((b) => { window.file = b.type + " " + b.size; })`, nil)
		p.Until(fmt.Sprintf(`window.file === "image/jpeg %d"`, len(certificate)))
		p.Click(`[data-decision="TAKE_DOWN"]`)
		p.WaitText("dialog", "立即从所有终端")
		p.Click("dialog button.bad") // without a reason the dialog stays open
		p.Type("dialog textarea", "核实后，内容违反本站规则。")
		p.Click("dialog button.bad")
		p.WaitText("#state", "已下架")
		p.WaitText(".history", "核实后，内容违反本站规则。")
		if n := p.publicComments(); n != -1 {
			t.Error("the article is still public")
		}
		p.Click(`#decisions ~ section a[href^="#article/"]`)
		p.WaitText("main", "现在不公开")
		p.Click("#main button.picture")
		p.Until(pictureShown("#main")) // staff see withheld pictures
		p.Click(`#nav a[href="#figures"]`)
		p.WaitText("table", "按时处理")
		p.Accessible("the figures")
		p.Click("#leave")
		p.Wait("form.login input")
		p.expect(http.StatusUnauthorized)
	})
}

// expect is AssertClean, except for the browser's messages about responses with that status.
func (p *portal) expect(status int) {
	p.t.Helper()
	for _, problem := range p.Problems() {
		if !strings.Contains(problem, fmt.Sprint(status)) {
			p.t.Error(problem)
		}
	}
	for _, address := range p.Outside(p.URL) {
		p.t.Errorf("it sent a request to %s", address)
	}
}

// TestKeyboard moderates with the keyboard only.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	p := open(t, 1280)
	p.Open(p.URL + "/desk")
	p.signIn(viewer.Admin)
	p.Wait(".item")
	p.Press("?")
	p.WaitText("dialog", "快捷键")
	p.Type("dialog button", kb.Enter)
	p.Until(`!document.querySelector("dialog")`)
	p.Press("j")
	p.Until(`document.activeElement.matches(".item")`)
	p.Press("x")
	p.WaitText(".bar", "已选 1 条")
	p.Press("a")
	p.WaitText("#notice", "已通过 1 条")
	p.Until(`document.querySelectorAll(".item").length === 2`)
	p.Press("u")
	p.WaitText("#notice", "撤销了 1 条")
	p.Press("2")
	p.Wait(".report")
	p.Press("j")
	p.Until(`document.activeElement.matches(".item")`)
	p.Press(kb.Enter)
	p.WaitText("#state", "待受理")
	p.Evaluate(`document.querySelector('[data-decision="REJECT"]').focus()`, nil)
	p.Type(`[data-decision="REJECT"]`, kb.Enter)
	p.Wait("dialog[open]")
	p.Type("dialog textarea", "a r u 在这里只是字母，核实后未发现违规。")
	p.Type("dialog button.bad", kb.Enter)
	p.WaitText("#state", "举报不成立")
	p.Press("b")
	p.WaitText("main", "没有这样的举报")
	p.AssertClean(p.URL)
}

// TestReaderTextIsNoMarkup shows markup in comments, names and statements as text.
func TestReaderTextIsNoMarkup(t *testing.T) {
	t.Parallel()
	p := open(t, 360)
	evil := `<img src=x onerror="window.owned=1"><script>window.owned=1</script>`
	name := `<img src=x onerror=owned=1>`
	p.Comment(comment.AddInput{Article: p.article.ID, Text: evil, AuthorName: &name}, false)
	p.file("OTHER", evil+"，五个字以上")
	p.Open(p.URL + "/desk")
	p.signIn(viewer.Moderator)
	p.WaitText("main", "<script>window.owned=1</script>")
	p.Click(`#nav a[href="#reports"]`)
	p.WaitText("main", "onerror")
	var owned bool
	p.Evaluate(`window.owned === 1`, &owned)
	if owned {
		t.Error("the script of a reader ran")
	}
	p.AssertClean(p.URL)
}

// TestHeaders restricts the page to its own origin.
func TestHeaders(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	response, err := http.Get(p.URL + "/desk")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'", "Cache-Control": "no-cache",
		"Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "no-referrer"} {
		if got := response.Header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if response, err = http.Get(p.URL + "/desk/nothing.js"); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown file: %v %v", response, err)
	}
}
