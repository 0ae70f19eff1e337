package upload_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// endless is a body of ten gigabytes.
type endless struct {
	head io.Reader
	sent atomic.Int64
}

func (e *endless) Read(p []byte) (int, error) {
	if n, err := e.head.Read(p); err == nil {
		return n, nil
	}
	clear(p)
	if e.sent.Add(int64(len(p))) > 10<<30 {
		return 0, io.EOF
	}
	return len(p), nil
}

// TestStreamOfTenGigabytes stops reading at the limit, as a body and in each part of a form,
// deletes what was received, and needs little memory. It measures the memory of the whole
// process, so it is not parallel.
func TestStreamOfTenGigabytes(t *testing.T) {
	p := apptest.Start(t, storetest.SQLite(t))
	token := p.Token(viewer.Editor, "")
	before := leftovers(t)
	_ = send(t, p, token, "image/gif", bytes.NewReader(imagegen.GIF(3, 3, 1))) // initializes what is initialized once
	for name, c := range map[string]struct{ kind, head string }{
		"as a body":        {"image/jpeg", "\xff\xd8\xff"},
		"as a file":        {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=file; filename=a.jpg\r\n\r\n\xff\xd8\xff"},
		"as a field":       {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=alt\r\n\r\n"},
		"as a part's head": {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name="},
	} {
		var start, end runtime.MemStats
		runtime.ReadMemStats(&start)
		body := &endless{head: strings.NewReader(c.head)}
		r, err := http.NewRequest(http.MethodPost, p.URL+"/upload", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", c.kind)
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		switch {
		case err == nil:
			text, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusRequestEntityTooLarge && resp.StatusCode != http.StatusBadRequest || !bytes.Contains(text, []byte(`"message"`)) {
				t.Errorf("%s: %d %s", name, resp.StatusCode, text)
			}
		case !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE):
			t.Errorf("%s: %v", name, err) // else the server closed the connection
		}
		runtime.ReadMemStats(&end)
		took := end.TotalAlloc - start.TotalAlloc
		t.Logf("%s: %d MiB were sent, %d KiB of memory", name, body.sent.Load()>>20, took>>10)
		if body.sent.Load() > 64<<20 || took > 16<<20 {
			t.Errorf("%s: sent %d bytes, took %d", name, body.sent.Load(), took)
		}
	}
	if after := leftovers(t); len(after) > len(before) {
		t.Errorf("left behind: %v", after)
	}
}

func leftovers(t *testing.T) []string {
	list, err := filepath.Glob(filepath.Join(os.TempDir(), "tonggao-upload-*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestHostileFiles refuses hostile files, sent with a harmless name and type, and stores
// nothing of them. The tests of imaging have more such files.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	var dir string
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { dir, c.UploadPixels = c.MediaDir, 100_000 })
	token := p.Token(viewer.Editor, "")
	status := map[string]int{"BAD_USER_INPUT": 400, "TOO_EXPENSIVE": 413}
	photo := string(imagegen.JPEG(400, 300))
	for _, h := range []struct{ name, data, code, says string }{
		{"a page", "<!doctype html><script>alert(1)</script>", "BAD_USER_INPUT", "JPEG, PNG, GIF or WebP"},
		{"only a magic number", "\x89PNG\r\n\x1a\n", "BAD_USER_INPUT", "PNG cannot be read"},
		{"a JPEG cut in the middle", photo[:len(photo)/2], "BAD_USER_INPUT", "its end is missing"},
		{"too many pixels", photo, "TOO_EXPENSIVE", "400 x 300"},
		{"more pixels than it has", "GIF89a\x60\xea\x60\xea" + string(imagegen.GIF(10, 10, 1))[10:], "TOO_EXPENSIVE", "60000 x 60000"},
	} {
		kind, body := form(t, part{"file", "photo.jpg", "image/jpeg", h.data})
		a := send(t, p, token, kind, body)
		if a.code() != h.code || a.Status != status[h.code] || !strings.Contains(a.Errors[0].Message, h.says) {
			t.Errorf("%s: %d %v", h.name, a.Status, a.Errors)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was stored: %v", err)
	}
}

// TestForms sends invalid forms, and unusual ones that are valid.
func TestForms(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.UploadBytes = 4096 })
	token := p.Token(viewer.Editor, "")
	picture := string(imagegen.GIF(9, 9, 1))
	file := part{"file", "a.gif", "image/gif", picture}
	for name, c := range map[string]struct {
		parts []part
		code  string
		says  string
	}{
		"no file":               {[]part{{name: "alt", content: "图"}}, "BAD_USER_INPUT", "no file"},
		"nothing":               {nil, "BAD_USER_INPUT", "no file"},
		"two files":             {[]part{file, {"other", "b.gif", "image/gif", picture}}, "BAD_USER_INPUT", "two files"},
		"an empty file":         {[]part{{"file", "a.gif", "image/gif", ""}}, "BAD_USER_INPUT", "empty"},
		"too large":             {[]part{{"file", "a.gif", "image/gif", picture + strings.Repeat("0", 4096)}}, "TOO_EXPENSIVE", "MiB"},
		"many fields":           {append(repeat(part{name: "x", content: "y"}, 500), file), "TOO_EXPENSIVE", "fields"},
		"alt of two lines":      {[]part{file, {name: "alt", content: "一\n二"}}, "BAD_USER_INPUT", "alt"},
		"alt is too long":       {[]part{file, {name: "alt", content: strings.Repeat("长", 301)}}, "BAD_USER_INPUT", "alt"},
		"a name with a path":    {[]part{{"file", `..\..\/etc/passwd`, "image/gif", picture}}, "", ""},
		"a wrong type":          {[]part{{"file", "a.php", "text/html; charset=gbk", picture}}, "", ""},
		"fields after the file": {[]part{file, {name: "alt", content: "一朵花"}, {name: "user", content: "x"}}, "", ""},
	} {
		kind, body := form(t, c.parts...)
		a := send(t, p, token, kind, body)
		if a.code() != c.code || c.code != "" && !strings.Contains(a.Errors[0].Message, c.says) || c.code == "" && a.Type != "image/gif" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for name, c := range map[string]struct{ kind, body string }{
		"no boundary":  {"multipart/form-data", "x"},
		"no form":      {"multipart/form-data; boundary=b", "x"},
		"broken off":   {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nGIF89a"},
		"an empty one": {"image/png", ""},
	} {
		if a := send(t, p, token, c.kind, strings.NewReader(c.body)); a.Status != 400 || a.code() != "BAD_USER_INPUT" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	resp, _ := get(t, p.URL+"/upload", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
	if resp.StatusCode != 400 || resp.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %d", resp.StatusCode)
	}
}

func repeat(p part, n int) (list []part) {
	for range n {
		list = append(list, p)
	}
	return list
}

// TestStorageFails answers UNAVAILABLE and creates no picture if the folder cannot be written.
func TestStorageFails(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) {
		if err := os.WriteFile(c.MediaDir, nil, 0o600); err != nil {
			t.Error(err)
		}
	})
	a := send(t, p, p.Token(viewer.Editor, ""), "image/gif", bytes.NewReader(imagegen.GIF(9, 9, 1)))
	if a.Status != 503 || a.code() != "UNAVAILABLE" || a.ID != "" {
		t.Errorf("%+v", a)
	}
	if n, err := p.Store.Client(apptest.System()).Picture.Query().Count(apptest.System()); n != 0 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestConcurrentUploads stores equal files once, and answers every client.
func TestConcurrentUploads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		token := p.Token(viewer.Editor, "")
		ids := make([]string, 24)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				a := send(t, p, token, "image/jpeg", bytes.NewReader(imagegen.JPEG(400+i%4, 300)))
				ids[i] = a.ID
			})
		}
		all.Wait()
		for i, id := range ids {
			if id == "" || id != ids[i%4] {
				t.Errorf("%d: %q, %q", i, id, ids[i%4])
			}
		}
	})
}
