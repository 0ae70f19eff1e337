package bigram_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/internal/bigram"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"养老院":       "养老 老院",
		"养老":        "养老",
		"养":         "养",
		"养老,院长":     "养老 ꙮ 院长",
		"AI养老 2026": "ai 养 养老 ꙮ 2026",
		"ＡＩ　养老":     "ai ꙮ 养老", // full width
		"养\u200b老":  "养老",      // a zero-width space
		"30多万村(社区)": "30 多 多万 万村 ꙮ 社区 ꙮ",
		"用AI养老":     "用 ai 养 养老",
		"Ünïcödé":   "ünïcödé",
		"":          "",
	} {
		if got := bigram.Document(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	const text = "养老院的院长说:AI养老不是把老人交给机器,1718万人已经试用iPhone。Hello world"
	for query, found := range map[string]bool{
		"养老": true, "院长": true, "院的": true, "老不": true, "机器": true,
		"说AI": false, "AI养老": true, "ai 养老": true, "养老 院长": true, "养老AI": false, "AI养": true, "已经试用iPhone": true, "用iPhone": true, "用i": false,
		"器1718": false, "1718万": true, "1718万人": true, "8万人": false, "1718": true, "718": false, "iphone": true, "phone": false,
		"hello world": true, "hello,world": true, "helloworld": false, "老院 长说": true, "院长机器": false,
	} {
		q, err := bigram.Parse(query)
		if err != nil {
			t.Errorf("%q: %v", query, err)
			continue
		}
		if q.Matches(text) != found {
			t.Errorf("%q: found %v, want %v", query, !found, found)
		}
	}
}

func TestWhatIsNoQuery(t *testing.T) {
	t.Parallel()
	for query, says := range map[string]string{
		"": "no word", "  ,。": "no word", "养": "at least two", "养 老人": "at least two",
		strings.Repeat("养", 101): "more than 100",
	} {
		if _, err := bigram.Parse(query); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.20q: %v", query, err)
		}
	}
}

func TestTheIndexSyntaxIsQuoted(t *testing.T) {
	t.Parallel()
	q, err := bigram.Parse(`养老" OR "x* NEAR(院长)`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`"养老" AND "or" AND "x" AND "near" AND "院长"`, q.FTS5()); diff != "" {
		t.Error(diff)
	}
}

// FuzzSubstrings compares search with looking for a substring: what is cut out of
// a text of Chinese and words, at the borders of words, is found in it, and what
// is found without its words standing in the text is a fault.
func FuzzSubstrings(f *testing.F) {
	f.Add("养老院的院长说:AI养老不是把老人交给机器", 3, 4)
	f.Add("１２３ abc　混排text文字", 0, 5)
	f.Fuzz(func(t *testing.T, text string, from, size int) {
		if !utf8.ValidString(text) {
			return
		}
		runes := []rune(text)
		from = max(0, from) % (len(runes) + 1)
		cut := string(runes[from:min(len(runes), from+max(0, size)%20)])
		q, err := bigram.Parse(cut)
		if err != nil {
			return
		}
		for _, gram := range q.Grams() {
			if strings.ContainsAny(gram, "\"'* ") || gram == bigram.Gap {
				t.Errorf("%q became the token %q, which is syntax", cut, gram)
			}
		}
		document := " " + bigram.Document(text) + " "
		standing := true
		for _, p := range q.Phrases() {
			standing = standing && strings.Contains(document, " "+p+" ")
		}
		for _, gram := range q.Grams() {
			standing = standing && strings.Contains(document, " "+gram+" ")
		}
		if q.Matches(text) != standing {
			t.Errorf("%q in %q: phrases and grams say %v", cut, text, standing)
		}
	})
}

func TestEveryPairOfCharactersIsFound(t *testing.T) {
	t.Parallel()
	const text = "推进农村社区治理让养老服务走进每一个院子"
	runes := []rune(text)
	for from := range runes {
		for to := from + 2; to <= len(runes); to++ {
			q, err := bigram.Parse(string(runes[from:to]))
			if err != nil || !q.Matches("他说:"+text+"。") || q.Matches("他说。") {
				t.Errorf("%s: %v", string(runes[from:to]), err)
			}
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	text := strings.Repeat("推进农村社区治理,让养老服务走进每一个院子。", 140) // about 3,000 characters
	b.ReportAllocs()
	for b.Loop() {
		bigram.Document(text)
	}
}
