package egress_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/egress"
)

// TestGet requests a server in an allowed network: its content, redirects, a status.
func TestGet(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/picture":
			_, _ = io.WriteString(w, strings.Repeat("图", 10_000)+r.Header.Get("User-Agent"))
		case "/moved":
			http.Redirect(w, r, "/picture", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	c := egress.New(egress.Options{Allow: loopback})
	for _, path := range []string{"/picture", "/moved"} {
		content, err := c.Get(context.Background(), s.URL+path, http.Header{"User-Agent": {"云渡"}})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(content); err != nil || !strings.HasSuffix(string(text), "图云渡") {
			t.Errorf("%s: %d bytes, %v", path, len(text), err)
		}
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
	var status egress.StatusError
	if _, err := c.Get(context.Background(), s.URL+"/none", nil); !errors.As(err, &status) || status != http.StatusNotFound || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("no such page: %v", err)
	}
	if _, err := c.Get(context.Background(), s.URL+"/nowhere", nil); !errors.As(err, &status) || status != http.StatusFound {
		t.Errorf("a redirect to nowhere: %v", err)
	}
	if _, err := c.Get(context.Background(), s.URL+"/loop", nil); err == nil || !strings.Contains(err.Error(), "more than 5 times") {
		t.Errorf("a loop: %v", err)
	}
	if _, err := c.Get(context.Background(), s.URL+"/inside", nil); !errors.Is(err, egress.ErrForbidden) {
		t.Errorf("a redirect to an internal host: %v", err)
	}
	if _, err := c.Get(context.Background(), "http://%zz", nil); err == nil {
		t.Error("no address")
	}
}

// TestGetForbidden requests internal hosts, also with plain HTTP allowed.
func TestGetForbidden(t *testing.T) {
	t.Parallel()
	p := newTrap(t)
	for _, plain := range []bool{false, true} {
		c := egress.New(egress.Options{Plain: plain, Resolver: newNames(t).resolver()})
		for _, address := range []string{"http://127.0.0.1:" + p.port(), "https://127.0.0.1:" + p.port(), "http://127.0.0.1", "http://[::1]/", "http://169.254.169.254/", "http://1.1.1.1:81/", "https://1.1.1.1:80/"} {
			if _, err := c.Get(context.Background(), address, nil); !errors.Is(err, egress.ErrForbidden) {
				t.Errorf("%s: %v", address, err)
			}
		}
	}
	c := egress.New(egress.Options{Resolver: newNames(t).resolver()})
	if _, err := c.Get(context.Background(), "http://1.1.1.1/", nil); !errors.Is(err, egress.ErrForbidden) {
		t.Errorf("plain HTTP: %v", err)
	}
}
