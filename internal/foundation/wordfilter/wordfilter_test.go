package wordfilter_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
)

// The list of the tables below.
const list = `# 测试用词表
赌博	reject
代开发票	reject
枪支	reject
枪支管理法	allow
办证	hold
刷单兼职
加微信	mask
免费领取	mask
假药
高利贷	hold
卖淫	reject
sex	hold
casino	reject
vip888	mask
傻瓜	mask
傻瓜相机	allow
台独	reject
裸聊	reject
`

func filter(t testing.TB, list string) *wordfilter.Filter {
	t.Helper()
	entries, err := wordfilter.Parse(strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	return wordfilter.Compile(entries)
}

// TestCheckDisguised finds the words of testdata/disguised.txt. A line has the word, a tab
// and a text; \u escapes are invisible characters.
func TestCheckDisguised(t *testing.T) {
	t.Parallel()
	f := filter(t, list)
	cases := lines(t, "testdata/disguised.txt")
	if len(cases) < 80 {
		t.Errorf("there are only %d cases", len(cases))
	}
	for _, line := range cases {
		word, text, _ := strings.Cut(line, "\t")
		action, hits := f.Check(text)
		if len(hits) != 1 || hits[0].Word != word || action != hits[0].Action {
			t.Errorf("%q in %q: %v %v", word, text, action, hits)
		}
	}
}

// TestCheckInnocent finds nothing in the texts of testdata/innocent.txt.
func TestCheckInnocent(t *testing.T) {
	t.Parallel()
	f := filter(t, list)
	cases := lines(t, "testdata/innocent.txt")
	if len(cases) < 80 {
		t.Errorf("there are only %d cases", len(cases))
	}
	for _, text := range cases {
		if action, hits := f.Check(text); action != wordfilter.Pass || len(hits) > 0 {
			t.Errorf("%q: %v %v", text, action, hits)
		}
	}
}

// lines returns the lines of a file without comments, with their \u escapes decoded.
func lines(t *testing.T, name string) (list []string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var b strings.Builder
		for i, part := range strings.Split(line, `\u{`) {
			if hex, rest, found := strings.Cut(part, "}"); i > 0 && found {
				var r rune
				if _, err := fmt.Sscanf(hex, "%x", &r); err != nil {
					t.Fatalf("%s: %q: %v", name, line, err)
				}
				b.WriteRune(r)
				part = rest
			}
			b.WriteString(part)
		}
		list = append(list, b.String())
	}
	return list
}

func TestCheckAction(t *testing.T) {
	t.Parallel()
	f := filter(t, list)
	text := "加 微 信，免费领取，顺便办证"
	action, hits := f.Check(text)
	if action != wordfilter.Hold || len(hits) != 3 {
		t.Errorf("got %v %v", action, hits)
	}
	if got, want := wordfilter.Star(text, hits), "*****，****，顺便办证"; got != want {
		t.Errorf("starred %q, want %q", got, want)
	}
	for _, h := range hits {
		if h.Start < 0 || h.End > len(text) || h.Start >= h.End {
			t.Errorf("%v is not in the text", h)
		}
	}
	twice := filter(t, "办证\tmask\n辦證\treject\n")
	if action, hits := twice.Check("办证"); action != wordfilter.Reject || len(hits) != 1 || twice.Len() != 1 {
		t.Errorf("a word that is in the list twice: %v %v", action, hits)
	}
}

func TestCheckOverlapping(t *testing.T) {
	t.Parallel()
	f := filter(t, "天地\tmask\n地玄\tmask\n天地玄黄\thold\n玄")
	text := "说天地玄黄"
	_, hits := f.Check(text)
	var found []string
	for _, h := range hits {
		found = append(found, h.Word)
	}
	if got := strings.Join(found, " "); got != "天地 地玄 玄 天地玄黄" {
		t.Errorf("found %s", got)
	}
	if got := wordfilter.Star(text, hits); got != "说***黄" {
		t.Errorf("starred %s", got)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"好\n坏\tburn":                 "line 2: \"burn\" is not one of reject, hold, mask, allow",
		"*-*":                        "line 1: \"*-*\" has no letters",
		strings.Repeat("长", 65):      "at most 64 are allowed",
		"赌\xff博":                     "save the list as UTF-8",
		"# 空\n\n好\tmask\n，\tallow\n": "line 4:",
	} {
		if _, err := wordfilter.Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	empty := filter(t, "# 只有说明\n")
	if action, hits := empty.Check("什么都可以写"); action != wordfilter.Pass || len(hits) != 0 {
		t.Errorf("an empty list finds %v %v", action, hits)
	}
}

// FuzzCheck checks that a Chinese word is found between any two texts, that hits are within
// the text, that masking keeps the number of characters, and that it removes the words.
func FuzzCheck(f *testing.F) {
	words := filter(f, list)
	masks := filter(f, "加微信\tmask\n免费领取\tmask\n")
	f.Add("你好", "再见")
	f.Add("枪支管理法", "\xff\u200b")
	f.Add("加\u3000微", "信免费领取")
	f.Fuzz(func(t *testing.T, before, after string) {
		text := before + "高利贷" + after
		_, hits := words.Check(text)
		found := false
		for _, h := range hits {
			if h.Start < 0 || h.End > len(text) || h.Start >= h.End {
				t.Fatalf("%v is not in the text", h)
			}
			found = found || h.Word == "高利贷"
		}
		if !found {
			t.Errorf("not found between %q and %q: %v", before, after, hits)
		}
		plain := strings.ToValidUTF8(before+"加微信"+after, "?")
		_, hits = masks.Check(plain)
		starred := wordfilter.Star(plain, hits)
		if len([]rune(starred)) != len([]rune(plain)) {
			t.Errorf("%q became %q", plain, starred)
		}
		if strings.Contains(starred, "加微信") {
			t.Errorf("not masked: %q", starred)
		}
	})
}

// BenchmarkCheck checks a comment of 2,000 characters against 50,000 words.
func BenchmarkCheck(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	common := []rune("的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严")
	word := func(n int) string {
		r := make([]rune, n)
		for i := range r {
			r[i] = common[random.IntN(len(common))]
		}
		return string(r)
	}
	entries := make([]wordfilter.Entry, 50_000)
	for i := range entries {
		entries[i] = wordfilter.Entry{Word: word(3 + random.IntN(4)), Action: wordfilter.Hold}
	}
	f := wordfilter.Compile(entries)
	text := word(2000)
	b.ReportAllocs()
	for b.Loop() {
		f.Check(text)
	}
}
