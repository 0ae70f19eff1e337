package upload_test

import (
	"bytes"
	"encoding/json"
	"image"
	_ "image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// uploaded is the response to an upload.
type uploaded struct {
	Status   int
	ID       string `json:"id"`
	URL      string `json:"url"`
	Type     string `json:"type"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Bytes    int    `json:"bytes"`
	Animated bool   `json:"animated"`
	Alt      string `json:"alt"`
	Variants []struct {
		URL           string
		Width, Height int
	}
	Errors []apptest.Error `json:"errors"`
}

func (a uploaded) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

// send posts a body with a token.
func send(t *testing.T, p *apptest.Program, token, contentType string, body io.Reader, query ...string) uploaded {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, p.URL+"/upload"+strings.Join(query, ""), body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := uploaded{Status: resp.StatusCode}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatalf("the response (%d) is not JSON: %v", resp.StatusCode, err)
	}
	return a
}

// part is a part of a form; one with a file name is a file.
type part struct{ name, file, kind, content string }

func form(t *testing.T, parts ...part) (contentType string, _ io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p.name + `"`}}
		if p.file != "" {
			h.Set("Content-Disposition", `form-data; name="`+p.name+`"; filename="`+p.file+`"`)
			h.Set("Content-Type", p.kind)
		}
		pw, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(pw, p.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &b
}

func get(t *testing.T, url string, change ...func(*http.Request)) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// TestUpload sends a photograph in a form and as a body, and reads its files.
func TestUpload(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		token := p.Token(viewer.Editor, "")
		photo := string(imagegen.Turned(imagegen.JPEG(1600, 1000), 6))
		kind, body := form(t, part{name: "note", content: "不读"}, part{"file", "../../etc/passwd", "text/html", photo}, part{name: "alt", content: "廊道里的老人"})
		first := send(t, p, token, kind, body)
		if first.Status != 200 || first.Width != 1000 || first.Height != 1600 || first.Type != "image/jpeg" || first.Alt != "廊道里的老人" || len(first.Variants) != 2 {
			t.Fatalf("%+v", first)
		}
		if strings.Contains(first.URL, "passwd") || !strings.HasPrefix(first.ID, "img_") {
			t.Errorf("%+v", first)
		}
		again := send(t, p, token, "application/octet-stream", strings.NewReader(photo), "?alt=x")
		if again.ID != first.ID || again.URL != first.URL {
			t.Errorf("the same file twice: %+v, %+v", first, again)
		}
		for _, v := range append(first.Variants, struct {
			URL           string
			Width, Height int
		}{first.URL, first.Width, first.Height}) {
			resp, file := get(t, p.URL+v.URL)
			c, format, err := image.DecodeConfig(bytes.NewReader(file))
			if err != nil || resp.StatusCode != 200 || format != "jpeg" || c.Width != v.Width || c.Height != v.Height {
				t.Errorf("%s: %d, %s, %v, %v", v.URL, resp.StatusCode, format, c, err)
			}
			if bytes.Contains(file, []byte(imagegen.Secret)) {
				t.Errorf("%s contains where it was taken", v.URL)
			}
		}
	})
}

// TestServe checks the headers, ranges and conditional requests of pictures.
func TestServe(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.BaseURL = "https://api.example.com" })
	a := send(t, p, p.Token(viewer.Admin, ""), "image/png", bytes.NewReader(imagegen.PNG(700, 500, true)))
	path, ok := strings.CutPrefix(a.URL, "https://api.example.com")
	if !ok || a.Type != "image/png" {
		t.Fatalf("%+v", a)
	}
	resp, whole := get(t, p.URL+path)
	for header, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, s-maxage=600, immutable", "Vary": "Accept-Encoding",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Accept-Ranges": "bytes", "Content-Disposition": "inline; filename=700.png",
	} {
		if got := resp.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	resp, some := get(t, p.URL+path, func(r *http.Request) { r.Header.Set("Range", "bytes=100-199") })
	if resp.StatusCode != http.StatusPartialContent || !bytes.Equal(some, whole[100:200]) {
		t.Errorf("a part: %d, %d bytes", resp.StatusCode, len(some))
	}
	tag := resp.Header.Get("ETag")
	if resp, _ = get(t, p.URL+path, func(r *http.Request) { r.Header.Set("If-None-Match", tag) }); tag == "" || resp.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag %q: %d", tag, resp.StatusCode)
	}
	for _, path := range []string{"/media/", "/media/x", "/media/../go.mod", "/media/%2e%2e/%2e%2e/tonggao.db", path + ".html",
		strings.TrimSuffix(path, "700.png") + "701.png", strings.TrimSuffix(path, "png") + "svg", path + "/..%2f700.png"} {
		if resp, body := get(t, p.URL+path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %.80s", path, resp.StatusCode, body)
		}
	}
}

// TestUploadRoles uploads as each role.
func TestUploadRoles(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	owner := p.Publisher("云渡颐园", true)
	want := map[viewer.Role]int{viewer.Anonymous: 401, viewer.Reader: 403, viewer.Moderator: 403, viewer.Integrator: 403,
		viewer.Publisher: 200, viewer.Editor: 200, viewer.Admin: 200}
	for role, status := range want {
		a := send(t, p, p.Token(role, owner.ID), "image/gif", bytes.NewReader(imagegen.GIF(30, 20, 1)))
		if a.Status != status || status == 401 && a.code() != "UNAUTHENTICATED" || status == 403 && a.code() != "FORBIDDEN" {
			t.Errorf("%s: %d %v", role, a.Status, a.Errors)
		}
	}
	if a := send(t, p, "tg_wrong", "image/gif", bytes.NewReader(imagegen.GIF(30, 20, 1))); a.Status != 401 {
		t.Errorf("a wrong token: %+v", a)
	}
}
