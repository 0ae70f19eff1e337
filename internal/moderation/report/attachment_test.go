package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// certificate returns a picture with a canary after its end.
func certificate(canary string) []byte { return append(imagegen.JPEG(60, 40), canary...) }

// complaint is a portal with a report.
type complaint struct {
	*apptest.Program
	t          *testing.T
	article    string
	id, number string // of the report, and its receipt
	dir        string // of uploaded pictures
}

// complain starts a portal and files a report.
func complain(t *testing.T, s *storetest.Store, change ...func(*config.Config)) *complaint {
	t.Helper()
	c := &complaint{t: t, dir: filepath.Join(t.TempDir(), "media")}
	c.Program = apptest.Start(t, s, append([]func(*config.Config){func(o *config.Config) { o.MediaDir, o.BaseURL = c.dir, "" }}, change...)...)
	c.article = c.Article(article.CreateInput{Title: "软食不等于糊糊", Category: c.Category("行业新闻", "news", nil).ID,
		Publisher: &c.Publisher("云渡颐园", true).ID}, s.Clock()).ID
	c.file()
	return c
}

// file files another report, without the proof that it requires.
func (c *complaint) file() {
	c.t.Helper()
	var data struct {
		FileReport struct {
			Receipt    string
			Report     *struct{ Missing []string }
			UserErrors []any
		}
	}
	c.MustAsk("", `mutation ($id: ID!) { fileReport(input: { target: $id, kind: PRIVACY, statement: "这是我家的照片，没有问过我。", contact: "lin@example.com",
		evidence: { claimant: "林晓" } }) { receipt userErrors { message } } }`, map[string]any{"id": c.article}, &data)
	c.number = data.FileReport.Receipt
	row, err := report.WithReceipt(context.Background(), c.App.Store, c.number)
	if err != nil {
		c.t.Fatal(err)
	}
	c.id = row.ID
	c.AskForFiles(c.number)
}

// send uploads a file.
func (c *complaint) send(receipt string, body io.Reader) (status int, answer struct {
	ID, Type string
	Bytes    int
	Errors   []apptest.Error
}) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodPost, c.URL+"/upload", body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	if receipt != "" {
		r.Header.Set("X-Tonggao-Receipt", receipt)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		c.t.Fatalf("%d: %v", response.StatusCode, err)
	}
	return response.StatusCode, answer
}

// links reveals the report and returns the links to its files.
func (c *complaint) links() (urls []string) {
	c.t.Helper()
	var data struct {
		Reveal struct {
			Person struct {
				Attachments []struct {
					URL        string
					Attachment struct{ ID, Type string }
				}
			}
		}
	}
	c.MustAsk(c.Token(viewer.Moderator, ""), `mutation ($id: ID!) { reveal(input: { item: $id, reason: "核实权属" }) { person { attachments { url attachment { id type } } } } }`,
		map[string]any{"id": c.id}, &data)
	for _, a := range data.Reveal.Person.Attachments {
		urls = append(urls, a.URL)
	}
	return urls
}

// get requests a path.
func (c *complaint) get(path string) (*http.Response, []byte) {
	c.t.Helper()
	response, err := http.Get(c.URL + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response, body
}

// TestAttachments uploads a photograph with a receipt: it counts as the missing proof, is
// stored encrypted, and can be opened by a moderator who stated a reason, for five minutes.
func TestAttachments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		c := complain(t, s)
		photo := certificate("金丝雀房产证")
		later := func() { s.Advance(5 * time.Second) } // so that ids are in order
		later()
		status, file := c.send(strings.ToLower(c.number), bytes.NewReader(photo)) // as people type it
		if status != 200 || file.Type != "image/jpeg" || file.Bytes != len(photo) || !strings.HasPrefix(file.ID, "fil_") {
			t.Fatalf("%d %+v", status, file)
		}
		if _, again := c.send(c.number, bytes.NewReader(photo)); again.ID != file.ID {
			t.Errorf("the same file twice: %+v", again)
		}
		later()
		if _, pdf := c.send(c.number, strings.NewReader("%PDF-1.7\n金丝雀合同")); pdf.Type != "application/pdf" {
			t.Errorf("%+v", pdf)
		}
		own := c.Ask("", `query ($r: String!) { reportStatus(receipt: $r) { status missing attachments { type bytes } history { event } } }`, map[string]any{"r": c.number})
		if want := `{"reportStatus":{"status":"ACCEPTED","missing":[],"attachments":[{"type":"image/jpeg","bytes":` + jsonOf(len(photo)) +
			`},{"type":"application/pdf","bytes":24}],"history":[{"event":"FILED"},{"event":"ASK_MATERIAL"},{"event":"COMPLETE"},{"event":"ADD_MATERIAL"}]}}`; string(own.Data) != want {
			t.Errorf("the reporter: %s, want %s", own.Data, want)
		}
		for _, role := range []viewer.Role{viewer.Anonymous, viewer.Reader, viewer.Editor, viewer.Integrator} {
			if a := c.Ask(c.Token(role, ""), `query ($id: ID!, $f: ID!) { node(id: $id) { ... on Report { attachments { id } } } nodes(ids: [$f]) { id } }`, map[string]any{"id": c.id, "f": file.ID}); strings.Contains(a.Body, `"id":"fil_`) {
				t.Errorf("%s: %s", role, a.Body)
			}
		}
		if text := apptest.Stored(t, s); strings.Contains(text, "金丝雀") {
			t.Error("a thief of the database can read the file")
		}
		if _, err := os.Stat(c.dir); err == nil {
			t.Error("it is stored among the pictures")
		}

		links := c.links()
		if len(links) != 2 || !strings.HasPrefix(links[0], "/attachments/"+file.ID+"?") {
			t.Fatal(links)
		}
		response, body := c.get(links[0])
		if !bytes.Equal(body, photo) {
			t.Errorf("%d bytes came back of %d", len(body), len(photo))
		}
		for name, want := range map[string]string{"Content-Type": "image/jpeg", "Content-Disposition": "inline; filename=" + file.ID + ".jpeg", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if response, _ := c.get(links[1]); !strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("a PDF is %s", response.Header.Get("Content-Disposition"))
		}
		for _, forged := range []string{strings.Replace(links[0], "signature=", "signature=0", 1), strings.Replace(links[0], "until=", "until=9", 1),
			strings.Replace(links[0], file.ID, "fil_01h455vb4pex5vsknk084sn001", 1), "/attachments/" + file.ID, "/attachments/"} {
			if response, body := c.get(forged); response.StatusCode != http.StatusNotFound || bytes.Contains(body, []byte("JFIF")) {
				t.Errorf("%s: %d", forged, response.StatusCode)
			}
		}
		s.Advance(5*time.Minute + time.Second)
		if response, _ := c.get(links[0]); response.StatusCode != http.StatusNotFound {
			t.Errorf("after five minutes: %d", response.StatusCode)
		}
		if _, err := c.Audit.Verify(apptest.System(), func(int64) {}); err != nil {
			t.Error(err)
		}
	})
}

// jsonOf returns v as JSON.
func jsonOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// endless is a body that never ends.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	copy(p, "\xff\xd8\xff")
	e.read.Add(int64(len(p)))
	return len(p), nil
}

// TestAttachRefuses checks what is refused: receipts, types, sizes, and closed cases.
func TestAttachRefuses(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	c := complain(t, s, func(o *config.Config) { o.UploadBytes = 64 << 10 })
	for name, try := range map[string]struct {
		receipt string
		body    io.Reader
		status  int
		code    string
	}{
		"no token":        {"", strings.NewReader("\xff\xd8\xff"), 401, "UNAUTHENTICATED"},
		"a wrong receipt": {"R-7KQ2-M9XD-4T8P-WZ3N", strings.NewReader("\xff\xd8\xff"), 404, "NOT_FOUND"},
		"no receipt":      {"令牌", strings.NewReader("\xff\xd8\xff"), 404, "NOT_FOUND"},
		"a page":          {c.number, strings.NewReader("<html><script>1</script>"), 400, "BAD_USER_INPUT"},
		"a program":       {c.number, strings.NewReader("MZ\x90\x00"), 400, "BAD_USER_INPUT"},
		"an archive":      {c.number, strings.NewReader("PK\x03\x04"), 400, "BAD_USER_INPUT"},
		"a drawing":       {c.number, strings.NewReader(`<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`), 400, "BAD_USER_INPUT"},
		"nothing":         {c.number, strings.NewReader(""), 400, "BAD_USER_INPUT"},
		"without end":     {c.number, &endless{}, 413, "TOO_EXPENSIVE"},
	} {
		status, answer := c.send(try.receipt, try.body)
		code := ""
		if len(answer.Errors) > 0 {
			code, _ = answer.Errors[0].Extensions["code"].(string)
		}
		if status != try.status || code != try.code {
			t.Errorf("%s: %d %s %v, want %d %s", name, status, code, answer.Errors, try.status, try.code)
		}
		if e, ok := try.body.(*endless); ok && e.read.Load() > 8<<20 {
			t.Errorf("%s: %d bytes were read", name, e.read.Load())
		}
	}
	for i := range 10 {
		if status, a := c.send(c.number, bytes.NewReader(certificate(string(rune('a'+i))))); status != 200 {
			t.Fatalf("file %d: %+v", i+1, a)
		}
	}
	if status, _ := c.send(c.number, bytes.NewReader(certificate("k"))); status != 413 {
		t.Errorf("the eleventh: %d", status)
	}
	c.MustAsk(c.Token(viewer.Moderator, ""), `mutation ($id: ID!) { reviewReport(input: { report: $id, decision: REJECT, reason: "核实过了。" }) { report { id } } }`, map[string]any{"id": c.id}, new(any))
	if status, _ := c.send(c.number, bytes.NewReader(certificate("l"))); status != 409 {
		t.Errorf("when the case is closed: %d", status)
	}
}

// TestAttachmentsAreLimited checks the write limit of an address.
func TestAttachmentsAreLimited(t *testing.T) {
	t.Parallel()
	c := complain(t, storetest.SQLite(t), func(o *config.Config) { o.WriteLimit = 2 })
	refused := 0
	for i := range 6 {
		if status, _ := c.send(c.number, bytes.NewReader(certificate(string(rune('a'+i))))); status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 3 { // the report was the first of four
		t.Errorf("%d of 6 are refused", refused)
	}
}

// TestAttachmentKeyRotation encrypts the files again with a new key and opens them without
// the old one.
func TestAttachmentKeyRotation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		c := complain(t, s)
		photo := certificate("x")
		if status, a := c.send(c.number, bytes.NewReader(photo)); status != 200 {
			t.Fatal(a)
		}
		fresh := seal.NewKey()
		with := func(keys string) *store.Store {
			opened, err := store.Open(context.Background(), store.Options{URL: s.URL, Clock: s.Clock, Keys: func() (seal.Ring, error) { return seal.Parse(keys) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = opened.Close() })
			return opened
		}
		if n, _, err := with(fresh + "," + storetest.Key).SealOld(apptest.System()); err != nil || n == 0 {
			t.Fatal(n, err)
		}
		files := app.NewServices(with(fresh), slog.New(slog.DiscardHandler), app.Integrations{}).Reports
		of, err := files.Attachments(apptest.System(), []string{c.id})
		if err != nil || len(of[c.id]) != 1 {
			t.Fatal(of, err)
		}
		link, err := files.Link(apptest.System(), of[c.id][0].ID)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if kind, data, err := files.Open(context.Background(), of[c.id][0].ID, u.Query().Get("until"), u.Query().Get("signature")); err != nil || kind != "image/jpeg" || !bytes.Equal(data, photo) {
			t.Errorf("%s, %d bytes, %v", kind, len(data), err)
		}
	})
}
