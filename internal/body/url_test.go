package body_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
)

func TestSafeURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, link, image string }{
		{"https://example.org/a?b=c&d=e#f", "https://example.org/a?b=c&d=e#f", "https://example.org/a?b=c&d=e#f"},
		{" HTTP://Example.org ", "http://example.org", "http://example.org"},
		{"//cdn.example.org/x.jpg", "https://cdn.example.org/x.jpg", "https://cdn.example.org/x.jpg"},
		{"/media/封面 1.jpg", "/media/%E5%B0%81%E9%9D%A2%201.jpg", "/media/%E5%B0%81%E9%9D%A2%201.jpg"},
		{"https://例子.example/路", "https://xn--fsqu00a.example/%E8%B7%AF", "https://xn--fsqu00a.example/%E8%B7%AF"},
		{"https://example.org/a_(b)_%41_%zz_'\"<>[]|`", "https://example.org/a_%28b%29_%41_%25zz_%27%22%3C%3E%5B%5D%7C%60", "https://example.org/a_%28b%29_%41_%25zz_%27%22%3C%3E%5B%5D%7C%60"},
		{"http://192.0.2.1:8080/x", "http://192.0.2.1:8080/x", "http://192.0.2.1:8080/x"},
		{"http://[2001:DB8::1]/", "http://[2001:db8::1]/", "http://[2001:db8::1]/"},
		{`\\evil.example\x`, "https://evil.example/x", "https://evil.example/x"},
		{"mailto:desk@example.org", "mailto:desk@example.org", ""},
		{"TEL:+86-0000-1234567", "tel:+86-0000-1234567", ""},
		{"mailto://desk@example.org", "mailto:desk@example.org", ""},
		{"https://yun_du.example.com/a", "https://yun_du.example.com/a", "https://yun_du.example.com/a"},
		{"https://r3---sn-ab.example.com/v", "https://r3---sn-ab.example.com/v", "https://r3---sn-ab.example.com/v"},
		{"https://%E4%BA%91%E6%B8%A1.%E4%B8%AD%E5%9B%BD/news/1", "https://xn--9kq628e.xn--fiqs8s/news/1", "https://xn--9kq628e.xn--fiqs8s/news/1"},
		{"https://example.org%2f@evil.example/", "", ""}, {"https://a%40b.example/", "", ""}, {"https://a%00b.example/", "", ""}, {"https://<b>.example/", "", ""},
		{"javascript:alert(1)", "", ""},
		{"java\tscript\n:alert(1)", "", ""},
		{"\u200bjavascript:alert(1)", "", ""},
		{"data:image/png;base64,AAAA", "", ""},
		{"vbscript:x", "", ""}, {"file:///C:/a.png", "", ""}, {"ftp://example.org/", "", ""},
		{"https://user:pass@example.org/", "", ""},
		{"https://example.org@evil.example/", "", ""},
		{"https://", "", ""}, {"https:example.org", "", ""}, {"http://a b/", "", ""}, {"http://example.org:x/", "", ""},
		{"a/b.jpg", "", ""}, {"../a", "", ""}, {"#top", "", ""}, {"?a=b", "", ""}, {"", "", ""}, {"mailto:", "", ""},
		{"/" + strings.Repeat("a", 3000), "", ""}, {"/" + strings.Repeat("长", 300), "", ""},
	} {
		for use, want := range map[body.Use]string{body.ForLink: c.link, body.ForImage: c.image} {
			if got, ok := body.SafeURL(c.raw, use); got != want && ok || ok != (want != "") {
				t.Errorf("SafeURL(%q, %d) = %q, %v; want %q", c.raw, use, got, ok, want)
			}
		}
	}
}
