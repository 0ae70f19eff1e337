package render_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

// form is one page made of one input.
type form struct {
	seed     uint64
	terminal terminal.Terminal
	input    string
	html     string
}

// TestDOMPurifyChangesNothing renders hostile inputs for the terminals that are browsers
// and sanitises the pages with DOMPurify: it must not change them. It does change the
// inputs, or the test would prove nothing.
func TestDOMPurifyChangesNothing(t *testing.T) {
	t.Parallel()
	forms, raw := formsOf(t, effort.N(1_000))
	pages := make([]string, len(forms))
	for i, f := range forms {
		pages[i] = f.html
	}
	b := browsertest.Start(t)
	origin := serve(t, pages, raw)
	b.Open(origin + "/purify.html")

	for _, fault := range purify(b, "/forms.json", len(pages)).Faults {
		f := forms[fault.Place]
		t.Errorf("%v of seed %d: DOMPurify changed\n%s\nto\n%s\ninput\n%s", f.terminal, f.seed, fault.Before, fault.After, f.input)
	}
	touched := purify(b, "/raw.json", len(raw)).Touched
	t.Logf("%d forms unchanged; of %d hostile pages themselves %d changed", len(pages), len(raw), touched)
	if touched < len(raw)*3/4 {
		t.Errorf("DOMPurify changes %d of %d hostile pages; the inputs are too tame", touched, len(raw))
	}
	b.AssertClean(origin)
}

// formsOf renders the first inputs that can be read; raw is those that are HTML.
func formsOf(t *testing.T, count int) (forms []form, raw []string) {
	read, empty := 0, 0
	for seed := uint64(0); read < count; seed++ {
		kind, input := hostileInput(seed)
		d, err := parse(kind, input)
		if err != nil {
			continue // refused whole
		}
		read++
		if d.Empty() {
			empty++
		}
		for _, on := range []terminal.Terminal{terminal.Web, terminal.WAP, terminal.Feed} {
			page := render.HTML(d, on, render.Options{BaseURL: terminalcheck.Site})
			forms = append(forms, form{seed: seed, terminal: on, input: input, html: page})
		}
		if kind == inHTML {
			raw = append(raw, input)
		}
	}
	t.Logf("%d inputs, %d of them without anything to show, %d pages of HTML", count, empty, len(raw))
	if empty > count/4 {
		t.Errorf("of %d inputs %d leave nothing to look at", count, empty)
	}
	return forms, raw
}

func parse(kind format, input string) (body.Document, error) {
	switch kind {
	case inMarkdown:
		return mdin.Parse(input)
	case inJSON:
		return body.Parse([]byte(input))
	}
	return htmlin.Parse(input)
}

// serve answers with the page in testdata and with a part of either list.
func serve(t *testing.T, forms, raw []string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata")))
	for path, list := range map[string][]string{"/forms.json": forms, "/raw.json": raw} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			from, err := strconv.Atoi(r.FormValue("from"))
			if err != nil || from < 0 || from > len(list) {
				http.Error(w, "from where?", http.StatusBadRequest)
				return
			}
			json.NewEncoder(w).Encode(list[from:min(from+atOnce, len(list))])
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// atOnce is how many forms one question of the page takes: a second or three.
const atOnce = 10_000

// verdict is what changed answers in testdata/purify.html.
type verdict struct {
	Forms, Touched int
	Faults         []struct {
		Place         int
		Before, After string
	}
}

// purify shows all count forms behind the path to DOMPurify.
func purify(b *browsertest.Browser, path string, count int) (all verdict) {
	for all.Forms < count {
		var v verdict
		b.Evaluate(fmt.Sprintf(`window.verdict = null; changed(%q).then((v) => { window.verdict = v }); 0`, fmt.Sprintf("%s?from=%d", path, all.Forms)), nil)
		b.Until("window.verdict")
		b.Evaluate("window.verdict", &v)
		for _, fault := range v.Faults {
			fault.Place += all.Forms
			all.Faults = append(all.Faults, fault)
		}
		all.Forms, all.Touched = all.Forms+v.Forms, all.Touched+v.Touched
		if v.Forms == 0 {
			panic("the page did not look at every form")
		}
	}
	return all
}
