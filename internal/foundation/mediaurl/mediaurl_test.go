package mediaurl_test

import (
	"crypto/sha256"
	"net/url"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
)

var (
	hash = mediaurl.Hash(sha256.Sum256([]byte("picture")))
	name = mediaurl.Name(hash, 320, "jpg")
	file = mediaurl.Path(name)
)

// TestNameOf accepts the path of a file in one spelling only.
func TestNameOf(t *testing.T) {
	t.Parallel()
	if got, ok := mediaurl.NameOf(file); !ok || got != name {
		t.Errorf("%q: %q, %v", file, got, ok)
	}
	for _, address := range []string{
		"https://api.example.com" + file, file + "?x", file + "#x", file + "/", "/media/" + hash + "/320.svg", "/media/" + hash + "/.jpg",
		"/media/" + hash + "/-1.jpg", "/media/" + hash + "/320.jpg/x", "/media/" + hash[1:] + "/320.jpg", "/media//" + name, "/media/./" + name,
		"/media/" + strings.ToUpper(hash) + "/320.jpg", "/%6dedia/" + name, "/media/demo/garden.png", "", "::",
	} {
		if got, ok := mediaurl.NameOf(address); ok {
			t.Errorf("%q: %q", address, got)
		}
	}
	if !mediaurl.IsWidth(name, 320) || mediaurl.IsWidth(name, 32) || mediaurl.IsWidth(name, 3200) {
		t.Error("the width of a name")
	}
}

// TestCanonical gives every spelling of a picture's address its one form, and leaves others.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		file: file, file + "?v=1": file, file + "?x-oss-process=image/resize": file, file + "#top": file, file + "/": file,
		"/media//" + name: file, "/media/./" + name: file, "/x/../media/" + name: file, "/%6dedia/" + name: file,
		"/x/%2e%2e/media/" + name: file, "/media/%2e/" + name: file, `/x\..\media\` + hash + `\320.jpg`: file, "/media%2f" + name: file,
		"https://api.example.com" + file:          "https://api.example.com" + file,
		"https://api.example.com//" + file + "?v": "https://api.example.com" + file,
		"https://a.example/media/logo.png?v=1":    "https://a.example/media/logo.png?v=1",
		"/media/demo/garden.png":                  "/media/demo/garden.png", "/media/%E5%9B%BE.jpg": "/media/%E5%9B%BE.jpg",
		"/x/../a.jpg?v": "/x/../a.jpg?v", "mailto:a@b.example": "mailto:a@b.example", "": "", "::": "::",
	} {
		got, ok := mediaurl.Canonical(src)
		if got != want || !ok || (mediaurl.HashOf(src) == hash) != strings.HasSuffix(want, file) {
			t.Errorf("%q: %q, %v, want %q", src, got, ok, want)
		}
	}
	for _, src := range []string{"/media/a.jpg?v=1", "/media//a.jpg", "/x/../media/a.jpg", "/%6dedia/a.jpg", "/media/./demo/a.png"} {
		if got, ok := mediaurl.Canonical(src); ok {
			t.Errorf("%q: %q, want no address", src, got)
		}
	}
}

// FuzzNameOf checks that a name is one segment of hexadecimal digits and one of a number
// and a known extension, for any URL.
func FuzzNameOf(f *testing.F) {
	f.Add("/media/0123456789abcdef0123456789abcdef01234567/320.jpg")
	f.Add("https://a.example/media/../x")
	f.Fuzz(func(t *testing.T, src string) {
		name, ok := mediaurl.NameOf(src)
		if !ok {
			return
		}
		if strings.Count(name, "/") != 1 || strings.Contains(name, "..") || len(name) > 52 || url.PathEscape(name) != strings.Replace(name, "/", "%2F", 1) {
			t.Errorf("%q: %q", src, name)
		}
		if again, ok := mediaurl.NameOf(mediaurl.Path(name)); !ok || again != name {
			t.Errorf("the name of the path of %q is %q", name, again)
		}
	})
}

// FuzzCanonical checks that the canonical form is found for every address of a picture, and is
// its own canonical form.
func FuzzCanonical(f *testing.F) {
	f.Add("/x/../media/0123456789abcdef0123456789abcdef01234567/320.jpg?v=1")
	f.Add("https://a.example//media/./%30123456789abcdef0123456789abcdef01234567/320.jpg#x")
	f.Fuzz(func(t *testing.T, src string) {
		once, ok := mediaurl.Canonical(src)
		if twice, again := mediaurl.Canonical(once); twice != once || again != ok {
			t.Errorf("%q: %q, then %q, %v", src, once, twice, again)
		}
		name := mediaurl.FileOf(src)
		if name != "" && (!strings.HasSuffix(once, mediaurl.Path(name)) || mediaurl.FileOf(once) != name) {
			t.Errorf("%q leads to %s, and becomes %q", src, name, once)
		}
	})
}
