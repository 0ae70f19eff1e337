package querycost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"

	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query string
		want  querycost.Shape
	}{
		{``, querycost.Shape{}},
		{`{a b}`, querycost.Shape{Tokens: 4, Nesting: 1, Repeats: 1, Name: 1}},
		{`{x:a y:a}`, querycost.Shape{Tokens: 8, Aliases: 2, Nesting: 1, Repeats: 2, Name: 1}},
		{`query($n:Int=1){a(first:$n,by:{k:v})}`, querycost.Shape{Tokens: 25, Nesting: 3, Repeats: 1, Name: 5}},
		{`{...F ...on T{a}} fragment F on T{a}`, querycost.Shape{Tokens: 17, Fragments: 1, Spreads: 2, Nesting: 2, Repeats: 2, Name: 8}},
		{`{a @skip(if:true) @include(if:$x)}`, querycost.Shape{Tokens: 18, Directives: 2, Nesting: 2, Repeats: 1, Name: 7}},
		{`{fragment}`, querycost.Shape{Tokens: 3, Nesting: 1, Repeats: 1, Name: 8}},

		{"#{a:b}\n{a}", querycost.Shape{Tokens: 4, Nesting: 1, Repeats: 1, Name: 1}},
		{`{a(s:"x:{\"}#")}`, querycost.Shape{Tokens: 8, Nesting: 2, Repeats: 1, Name: 1}},
		{`{a(s:"""x " "" \""" {:} """)}`, querycost.Shape{Tokens: 8, Nesting: 2, Repeats: 1, Name: 1}},
		{`{a(s:"""x"""""")}`, querycost.Shape{Tokens: 8, Nesting: 2, Repeats: 1, Name: 1}},
		{`{a(s:"")b}`, querycost.Shape{Tokens: 9, Nesting: 2, Repeats: 1, Name: 1}},
		{`{a(n:[-1.5e+3,0.1,7])}`, querycost.Shape{Tokens: 12, Nesting: 3, Repeats: 1, Name: 1}},
		{")))}}}{a:b}", querycost.Shape{Tokens: 11, Aliases: 1, Nesting: 1, Repeats: 1, Name: 1}},
		{`{a(s:"open`, querycost.Shape{Tokens: 6, Nesting: 2, Repeats: 1, Name: 1}},
		{`{a(s:"""open`, querycost.Shape{Tokens: 6, Nesting: 2, Repeats: 1, Name: 1}},
	} {
		if got := querycost.Measure(c.query); got != c.want {
			t.Errorf("%s\n got %+v\nwant %+v", c.query, got, c.want)
		}
	}
}

func TestPrecheckRefusesEachDimension(t *testing.T) {
	t.Parallel()
	letters := "abcdefghijklmnopqrstuvwxyz"
	for name, c := range map[string]struct{ within, beyond, says string }{
		"tokens": {
			within: "{" + distinct(998) + "}", beyond: "{" + distinct(999) + "}",
			says: "the document has 1001 tokens, and at most 1000 are allowed; send variables instead of literals, or several requests",
		},
		"aliases":    {within: aliases(letters[:15]), beyond: aliases(letters[:16]), says: "16 aliases"},
		"fragments":  {within: strings.Repeat("fragment F on T{a}", 20), beyond: strings.Repeat("fragment F on T{a}", 21), says: "21 fragments"},
		"spreads":    {within: strings.Repeat("...", 100), beyond: strings.Repeat("...", 101), says: "101 spreads"},
		"directives": {within: strings.Repeat("@", 50), beyond: strings.Repeat("@", 51), says: "51 directives"},
		"nesting":    {within: strings.Repeat("{", 64), beyond: strings.Repeat("[", 65), says: "65 levels"},
		"repeats":    {within: strings.Repeat("a ", 100), beyond: strings.Repeat("a ", 101), says: "101 repetitions"},
		"name":       {within: strings.Repeat("a", 128), beyond: strings.Repeat("a", 129), says: "129 bytes"},
	} {
		if err := querycost.Precheck(c.within, querycost.Limits{}); err != nil {
			t.Errorf("%s: at the limit: %v", name, err)
		}
		err := querycost.Precheck(c.beyond, querycost.Limits{})
		if !fault.Is(err, fault.TooExpensive) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: one more: %v", name, err)
		}
	}
	if err := querycost.Precheck(aliases(letters), querycost.Limits{Aliases: 26}); err != nil {
		t.Errorf("with a higher limit: %v", err)
	}
}

var repeated = []string{`{a(b:"c")}`, `"""`, `"" `, `"\"`, `\"""`, "#\n", "...", "-1.e", "abcdefgh", ",,,,", "\xef\xbb\xbf", "\x00"}

// TestMeasureAllocatesNothing measures long hostile documents in fixed memory.
func TestMeasureAllocatesNothing(t *testing.T) {
	for _, unit := range append(repeated, distinct(500)) {
		query := strings.Repeat(unit, 64<<10/len(unit))
		if n := testing.AllocsPerRun(2, func() { querycost.Measure(query) }); n > 0 {
			t.Errorf("%.20q: it allocates %v times", unit, n)
		}
	}
}

// BenchmarkMeasure should be linear: four times the text takes four times as long.
func BenchmarkMeasure(b *testing.B) {
	for _, unit := range repeated {
		for _, size := range []int{64 << 10, 256 << 10} {
			query := strings.Repeat(unit, size/len(unit))
			b.Run(fmt.Sprintf("%q %d KiB", unit, size>>10), func(b *testing.B) {
				for b.Loop() {
					querycost.Measure(query)
				}
			})
		}
	}
}

// FuzzMeasure counts the same tokens as gqlparser's lexer.
func FuzzMeasure(f *testing.F) {
	for _, seed := range []string{
		`{a(s:"x\"", n:-1.5e3) @d ...F}`, `"""a\""" """"`, "#x\r{", "\ufeff{a,b}", `{a(u:"\u{1F600}")}`, `0.5 .5 1e5 -`, `"`, `"\`, `""""""`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		want, ok := lexed(query)
		if got := querycost.Measure(query).Tokens; ok && got != want {
			t.Errorf("%q: %d tokens, the lexer has %d", query, got, want)
		}
	})
}

// lexed returns the number of tokens; ok is false if the lexer fails.
func lexed(query string) (n int, ok bool) {
	lex := lexer.New(&ast.Source{Input: query})
	for {
		token, err := lex.ReadToken()
		switch {
		case err != nil || token.Kind == lexer.Invalid:
			return n, false
		case token.Kind == lexer.EOF:
			return n, true
		}
		n++
	}
}

// distinct returns n different names.
func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte(byte('a' + i%26))
		b.WriteByte(byte('a' + i/26%26))
		b.WriteByte(byte('a' + i/676))
		b.WriteByte(' ')
	}
	return b.String()
}

func aliases(letters string) string {
	return "{" + strings.Join(strings.Split(letters, ""), ":x ") + ":x}"
}
