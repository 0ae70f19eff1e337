package picture_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/internal/app/demo/picture"
)

func TestNames(t *testing.T) {
	t.Parallel()
	want := []string{
		"bed", "bridge", "bus", "calligraphy", "chart", "checkers", "choir", "classroom", "clinic", "corridor", "garden", "handrail",
		"kitchen", "lantern", "lobby", "market", "mountain", "noodles", "riverside", "street", "tablet", "wheelchair", "window", "workshop",
	}
	if names := picture.Names(); !slices.Equal(names, want) {
		t.Errorf("Names = %q, want %q", names, want)
	}
	if !picture.Exists("/media/demo/bed.png") || picture.Exists("/media/demo/dragon.png") || picture.Exists("bed") {
		t.Error("Exists is wrong about the bed, the dragon or a bare name")
	}
}

// TestPictures decodes every picture: each has the promised size and differs from all
// others, and together they add little to the binary.
func TestPictures(t *testing.T) {
	t.Parallel()
	seen, total := map[string]string{}, 0
	for _, name := range picture.Names() {
		body := ask("GET", picture.Path(name), "").Body.Bytes()
		if total += len(body); len(body) > picture.MaxBytes {
			t.Errorf("%s has %d bytes; at most %d are allowed", name, len(body), picture.MaxBytes)
		}
		decoded, err := png.Decode(bytes.NewReader(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := decoded.Bounds(), image.Rect(0, 0, picture.Width, picture.Height); got != want {
			t.Errorf("%s: bounds %v, want %v", name, got, want)
		}
		if other, twice := seen[string(body)]; twice {
			t.Errorf("%s is the same picture as %s", name, other)
		}
		seen[string(body)] = name
	}
	if total > 200<<10 {
		t.Errorf("the pictures have %d bytes together", total)
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	first := ask("GET", "/media/demo/lantern.png", "")
	for name, want := range map[string]string{
		"Content-Type":           "image/png",
		"Cache-Control":          "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff",
	} {
		if got := first.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	for _, c := range []struct {
		method, path, match string
		status, bytes       int
	}{
		{"GET", "/media/demo/lantern.png", "", 200, first.Body.Len()},
		{"GET", "/media/demo/lantern.png", first.Header().Get("ETag"), 304, 0},
		{"GET", "/media/demo/bed.png", first.Header().Get("ETag"), 200, -1},
		{"HEAD", "/media/demo/lantern.png", "", 200, 0},
		{"POST", "/media/demo/lantern.png", "", 405, -1},
		{"GET", "/media/demo/dragon.png", "", 404, -1},
		{"GET", "/media/demo/lantern", "", 404, -1},
		{"GET", "/media/demo/lantern.jpg", "", 404, -1},
		{"GET", "/media/demo/../lantern.png", "", 404, -1},
		{"GET", "/media/demo/", "", 404, -1},
		{"GET", "/lantern.png", "", 404, -1},
	} {
		got := ask(c.method, c.path, c.match)
		if got.Code != c.status || c.bytes >= 0 && got.Body.Len() != c.bytes {
			t.Errorf("%s %s: status %d with %d bytes, want %d with %d", c.method, c.path, got.Code, got.Body.Len(), c.status, c.bytes)
		}
		if got.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: sniffing is allowed", c.method, c.path)
		}
	}
}

func ask(method, path, match string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	if match != "" {
		r.Header.Set("If-None-Match", match)
	}
	w := httptest.NewRecorder()
	picture.Handler().ServeHTTP(w, r)
	return w
}

// TestHandlerOverHTTP checks that a HEAD announces the length it would send.
func TestHandlerOverHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(picture.Handler())
	t.Cleanup(server.Close)
	response, err := http.Head(server.URL + picture.Path("bed"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ContentLength < 1000 {
		t.Errorf("status %d, length %d", response.StatusCode, response.ContentLength)
	}
}
