package mediaurl_test

import (
	"crypto/sha256"
	"net/url"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
)

func TestNameOf(t *testing.T) {
	t.Parallel()
	hash := mediaurl.Hash(sha256.Sum256([]byte("picture")))
	name := mediaurl.Name(hash, 320, "jpg")
	for src, ours := range map[string]bool{
		mediaurl.Path(name): true, "https://api.example.com" + mediaurl.Path(name): true,
		mediaurl.Path(name) + "?x": false, "/media/" + hash + "/320.svg": false, "/media/" + hash + "/.jpg": false,
		"/media/" + hash + "/-1.jpg": false, "/media/" + hash + "/320.jpg/x": false, "/media/" + hash[1:] + "/320.jpg": false,
		"/media/" + strings.ToUpper(hash) + "/320.jpg": false, "/media/demo/garden.png": false, "": false, "::": false,
	} {
		got, ok := mediaurl.NameOf(src)
		if ok != ours || ok && got != name || (mediaurl.HashOf(src) == hash) != ours {
			t.Errorf("%q: %q, %v", src, got, ok)
		}
	}
	if !mediaurl.IsWidth(name, 320) || mediaurl.IsWidth(name, 32) || mediaurl.IsWidth(name, 3200) {
		t.Error("the width of a name")
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
