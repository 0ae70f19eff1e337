package graphqlhttp_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
)

// TestBodyIsUTF8 refuses what a decoder would replace by U+FFFD, and with it the text of an
// editor whose program speaks GBK.
func TestBodyIsUTF8(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	echo := func(text string) string {
		return `{"query":"query($t:String){echo(text:$t)}","variables":{"t":"` + text + `"}}`
	}
	for name, c := range map[string]struct {
		body string
		fine bool
	}{
		"UTF-8":                          {echo("你好😀"), true},
		"你好 in GBK":                      {echo("\xc4\xe3\xba\xc3"), false},
		"two bytes":                      {"\xff\xfe", false},
		"UTF-16":                         {"\xff\xfe{\x00}\x00", false},
		"an encoded surrogate":           {echo("\xed\xa0\xbd"), false},
		"a cut character":                {echo("\xe4\xbd"), false},
		"a pair of escapes":              {echo(`\ud83d\ude00`), true},
		"a pair in capitals":             {echo(`\uD83D\uDE00`), true},
		"the first half":                 {echo(`\ud83d`), false},
		"the second half":                {echo(`\ude00`), false},
		"halves in the wrong order":      {echo(`\ude00\ud83d`), false},
		"a half before text":             {echo(`\ud83d\n`), false},
		"a half before another escape":   {echo(`\ud83d\u4f60`), false},
		"a half and a pair":              {echo(`\ud83d\ud83d\ude00`), false},
		"a half in the name of an entry": {`{"query":"{site{name}}","variables":{"\ud83d":1}}`, false},
		"an escaped backslash":           {echo(`\\ud83d`), true},
		"an escaped backslash and half":  {echo(`\\\ud83d`), false},
		"an escape of U+FFFD":            {echo(`\ufffd`), true},
		"U+FFFD":                         {echo("\ufffd"), true},
	} {
		w := serve(h, postJSON("/", c.body))
		got := decode(t, w.Body.Bytes())
		if c.fine {
			if w.Code != http.StatusOK || len(got.Errors) > 0 {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
			continue
		}
		if w.Code != http.StatusBadRequest || len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "BAD_USER_INPUT" ||
			!strings.Contains(got.Errors[0].Message, "must be JSON in UTF-8") || got.Data != nil {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// TestLiteralsAreWhole refuses half of a surrogate pair that a document escapes itself.
func TestLiteralsAreWhole(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	for document, fine := range map[string]bool{
		`{echo(text:"\ud83d\ude00")}`: true, `{echo(text:"\u{1F600}")}`: true, `{echo(text:"""\ud83d""")}`: true, `{echo(text:"\\ud83d")}`: true,
		`{echo(text:"\ud83d")}`: false, `{echo(text:"a\ude00b")}`: false, `{echo(json:{a:["\ud83d"]})}`: false, `{echo(text:"\u{d83d}")}`: false,
		`query($t:String="\ud83d"){echo(text:$t)}`: false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/?query="+url.QueryEscape(document), nil)
		r.Header.Set("Accept", newer)
		w := serve(h, r)
		got := decode(t, w.Body.Bytes())
		if (len(got.Errors) == 0) != fine || !fine && (w.Code != http.StatusBadRequest || got.Errors[0].Extensions.Code != "BAD_USER_INPUT") {
			t.Errorf("%s: %d %s", document, w.Code, w.Body)
		}
	}
}

// TestQueryStringIsUTF8 refuses the parameters of a GET in another encoding.
func TestQueryStringIsUTF8(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	for _, q := range []string{"query={site{name}}%ff", "query={site{name}}&operationName=%c4%e3", `query={site{name}}&variables={"a":"%c4%e3"}`,
		`query={site{name}}&variables={"a":"\ud83d"}`, `query={site{name}}&extensions={"a":"%ff"}`} {
		w := serve(h, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: q}, Header: http.Header{}})
		if got := decode(t, w.Body.Bytes()); w.Code != http.StatusBadRequest || len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "UTF-8") {
			t.Errorf("%s: %d %s", q, w.Code, w.Body)
		}
	}
}
