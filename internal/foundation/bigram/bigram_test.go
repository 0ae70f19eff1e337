package bigram_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/internal/foundation/bigram"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"养老院":                 "养老 老院",
		"养老":                  "养老",
		"养":                   "养",
		"养老,院长":               "养老 ꙮ 院长",
		"AI养老 2026":           "ai 养 养老 老 2026",
		"ＡＩ　养老":               "ai 养 养老", // full width
		"AI 陪伴，iPhone15 与 5G": "ai 陪 陪伴 ꙮ iphone 15 与 5 g",
		"养\u200b老":            "养老", // a zero-width space
		"30多万村(社区)":           "30 多 多万 万村 ꙮ 社区 ꙮ",
		"用AI养老":               "用 ai 养 养老",
		"Ünïcödé":             "ünïcödé",
		"二〇二四年":               "二〇 〇二 二四 四年",
		"人々":                  "人々",
		"スーパー":                "スー ーパ パー",
		"葛\U000e0100城":        "葛城", // a selector of the character's shape
		"养老❤\ufe0f院":          "养老 ꙮ 院",
		"หน้า":                "หนา", // unicode61 would cut it in two
		"ΟΔΟΣ οδος":           "οδοσ ꙮ οδοσ",
		"«养老》\u3000…":         "ꙮ 养老 ꙮ",
		"":                    "",
	} {
		if got := bigram.Document(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	const text = "养老院的院长说:AI养老不是把老人交给机器,1718万人已经试用iPhone。Hello world"
	for query, found := range map[string]bool{
		"养老": true, "院长": true, "院的": true, "老不": true, "机器": true,
		"说AI": false, "AI养老": true, "ai 养老": true, "养老 院长": true, "养老AI": false, "AI养": true, "已经试用iPhone": true, "用iPhone": true, "用i": false,
		"iPhone 15": false, "AI 养老 机器": true,
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

// TestMixedScripts finds Chinese and Latin as readers type them, with and without the space.
func TestMixedScripts(t *testing.T) {
	t.Parallel()
	const text = "AI 陪伴机器人进入社区，iPhone15 与 5G 一并讨论。"
	for query, found := range map[string]bool{
		"AI陪伴": true, "ai 陪伴": true, "社区，iPhone15": true, "社区，iPhone": true, "iPhone": true, "iphone15": true, "与5G": true, "5G一并": true,
		"陪伴AI": false, "Phone": false, "iPhone1": false,
	} {
		q, err := bigram.Parse(query)
		if err != nil || q.Matches(text) != found {
			t.Errorf("%q: found %v, want %v, %v", query, !found, found, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
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

func TestFTS5QuotesSyntax(t *testing.T) {
	t.Parallel()
	q, err := bigram.Parse(`养老" OR "x* NEAR(院长)`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`"养老" AND "or" AND "x" AND "near" AND "院长"`, q.FTS5()); diff != "" {
		t.Error(diff)
	}
}

// TestMatchesSubstrings compares search with a search for substrings, on short random
// texts over few characters, which cover all combinations.
func TestMatchesSubstrings(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	write := func(length int) string {
		text := make([]rune, random.IntN(length))
		for i := range text {
			text[i] = []rune("养老院院aB1 ,。〇")[random.IntN(11)]
		}
		return string(text)
	}
	found := 0
	for range effort.N(50_000) {
		text, query := write(12), write(6)
		q, err := bigram.Parse(query)
		if err != nil {
			continue
		}
		want := contains(strings.ToLower(text), strings.ToLower(query))
		if want {
			found++
		}
		if got := q.Matches(text); got != want {
			t.Fatalf("%q in %q: found %v, want %v", query, text, got, want)
		}
	}
	if found < 200 {
		t.Fatalf("only %d of the queries are in their text", found)
	}
}

var spaced = regexp.MustCompile(`(\p{Han}) ([ab1])|([ab1]) (\p{Han})`)

// contains searches without tokens: each part of the query must be a part of the text that
// does not begin or end inside of a word. A space between Chinese and Latin is not there.
func contains(text, query string) bool {
	sameWord := func(a, b string) bool {
		return a == "1" && b == "1" || strings.Contains("ab", a) && strings.Contains("ab", b)
	}
	for range 2 { // neighbours share a character
		text = spaced.ReplaceAllString(text, "$1$2$3$4")
	}
	separates := func(r rune) bool { return strings.ContainsRune(" ,。", r) }
	for _, part := range strings.FieldsFunc(query, separates) {
		inside := func(at int) bool { // a text of one byte a letter, as far as words go
			end := at + len(part)
			return at > 0 && sameWord(part[:1], text[at-1:at]) ||
				end < len(text) && sameWord(part[len(part)-1:], text[end:end+1])
		}
		whole := false
		for at := range text {
			whole = whole || strings.HasPrefix(text[at:], part) && !inside(at)
		}
		if !whole {
			return false
		}
	}
	return true
}

// FuzzIndexes compares Matches with the search of the engines: PostgreSQL searches for
// grams and phrases in the document, SQLite splits it at characters that are neither
// letters nor digits.
func FuzzIndexes(f *testing.F) {
	f.Add("养老院的院长说:AI养老不是把老人交给机器", 3, 4)
	f.Add("１２３ abc　混排text文字 หน้า ❤\ufe0f 二〇二四", 0, 5)
	f.Fuzz(func(t *testing.T, text string, from, size int) {
		runes := []rune(text)
		from = max(0, from) % (len(runes) + 1)
		cut := string(runes[from:min(len(runes), from+max(0, size)%20)])
		document := bigram.Document(text)
		for token := range strings.FieldsSeq(document) {
			if i := strings.IndexFunc(token, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N) }); i >= 0 {
				t.Errorf("FTS5 cuts the token %q at %d", token, i)
			}
		}
		q, err := bigram.Parse(cut)
		if err != nil {
			return
		}
		indexed := true
		for _, p := range append(q.Phrases(), q.Grams()...) {
			indexed = indexed && strings.Contains(" "+document+" ", " "+p+" ")
		}
		if q.Matches(text) != indexed || strings.Contains(q.FTS5(), bigram.Gap) {
			t.Errorf("%q in %q: phrases and grams say %v", cut, text, indexed)
		}
	})
}

func TestMatchesEverySubstring(t *testing.T) {
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
	for name, sentence := range map[string]string{ // 3,000 characters each
		"plain": "推进农村社区治理，让养老服务走进每一个院子。\n",
		"mixed": "推进农村社区治理·让AI养老②走进每一个café",
	} {
		text := strings.Repeat(sentence, 3_000/utf8.RuneCountInString(sentence))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bigram.Document(text)
			}
		})
	}
}
