package site

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// Facts describe the portal.
type Facts struct {
	Name              string                       `json:"name"`
	Contact           string                       `json:"contact"`
	Copyright         string                       `json:"copyright"`
	ICPNumber         string                       `json:"icpNumber"`
	Disclaimer        string                       `json:"disclaimer"`  // {publisher} and {contact} are filled in
	URLs              map[terminal.Terminal]string `json:"urls"`        // {slug} and {id} are filled in
	CommentsOff       terminal.Set                 `json:"commentsOff"` // the terminals without comments
	ReportWorkingDays int                          `json:"reportWorkingDays"`
	// After how many approved comments a reader's are published at once; 0: never.
	CommentsTrustedAfter int `json:"commentsTrustedAfter,omitempty"`

	ChangedAt instant.Instant `json:"-"` // in this installation; 0: never
}

// stored is the setting: the facts, and when they were changed in this installation, which
// is not in archives.
type stored struct {
	Facts
	ChangedAt instant.Instant `json:"changedAt"`
}

// defaults returns the facts of a portal that was not described yet.
func defaults() Facts {
	return Facts{
		Name:      "通稿",
		Copyright: "© 通稿 版权所有",
		Disclaimer: "免责声明：本文由 {publisher} 发布，内容与观点出自发布者，本站只提供发布与展示的平台，未逐一核实，仅供读者参考。" +
			"如认为本文侵犯了您的权益，或含有违法、失实的内容，请使用页面上的举报入口，或与{contact}联系；" +
			"本站收到后会尽快核查处理，并在权利人与发布者之间居中协调。",
		ReportWorkingDays: 3,
	}
}

// Limits, in characters.
const (
	maxLine       = 200
	maxDisclaimer = 2000
	maxTemplate   = 500
	maxDays       = 30
	maxTrusted    = 1000 // comments
)

// change applies in to f, tidies it and adds to bad what is wrong with it then.
func (f *Facts) change(in UpdateInput, bad *fault.Invalid) {
	for to, from := range map[*string]*string{&f.Name: in.Name, &f.Contact: in.Contact,
		&f.Copyright: in.Copyright, &f.ICPNumber: in.ICPNumber, &f.Disclaimer: in.Disclaimer} {
		if from != nil {
			*to = *from
		}
	}
	if in.ReportWorkingDays != nil {
		f.ReportWorkingDays = *in.ReportWorkingDays
	}
	if in.CommentsTrustedAfter != nil {
		f.CommentsTrustedAfter = *in.CommentsTrustedAfter
	}
	if in.CommentsOff != nil {
		f.CommentsOff = terminal.SetOf(in.CommentsOff...)
	}
	f.checkTexts(bad)
	f.URLs = maps.Clone(f.URLs)
	if f.URLs == nil {
		f.URLs = make(map[terminal.Terminal]string)
	}
	for i, u := range in.URLs {
		template := strings.TrimSpace(u.Template)
		if template == "" {
			delete(f.URLs, u.Terminal)
			continue
		}
		checkTemplate(bad, fmt.Sprintf("urls.%d.template", i), template)
		f.URLs[u.Terminal] = template
	}
}

// check tidies f and adds to bad what is wrong with it.
func (f *Facts) check(bad *fault.Invalid) {
	f.checkTexts(bad)
	for _, t := range slices.Sorted(maps.Keys(f.URLs)) {
		checkTemplate(bad, "urls."+t.String(), f.URLs[t])
	}
}

func (f *Facts) checkTexts(bad *fault.Invalid) {
	f.Name = input.Line(bad, "name", f.Name, 1, input.MaxName)
	f.Contact = input.Line(bad, "contact", f.Contact, 0, maxLine)
	f.Copyright = input.Line(bad, "copyright", f.Copyright, 0, maxLine)
	f.ICPNumber = input.Line(bad, "icpNumber", f.ICPNumber, 0, maxLine)
	f.Disclaimer = input.Text(bad, "disclaimer", f.Disclaimer, 0, maxDisclaimer)
	if f.ReportWorkingDays < 1 || f.ReportWorkingDays > maxDays {
		bad.Add("INVALID", "reportWorkingDays", "must be 1 to %d", maxDays)
	}
	if f.CommentsTrustedAfter < 0 || f.CommentsTrustedAfter > maxTrusted {
		bad.Add("INVALID", "commentsTrustedAfter", "must be 0 (never) to %d", maxTrusted)
	}
}

// checkTemplate adds to bad why a template of addresses could send readers elsewhere, run a
// script, or give two articles the same address.
func checkTemplate(bad *fault.Invalid, field, template string) {
	without := strings.NewReplacer("{slug}", "", "{id}", "").Replace(template)
	u, err := url.Parse(template)
	rooted := strings.HasPrefix(template, "/") && !strings.HasPrefix(template, "//")
	switch {
	case len(template) > maxTemplate:
		bad.Add("TOO_LONG", field, "has %d characters; at most %d fit", utf8.RuneCountInString(template), maxTemplate)
	case without == template:
		bad.Add("INVALID", field, "needs {slug} or {id}, so that each article has an address of its own")
	case strings.ContainsFunc(without, notInURL):
		bad.Add("INVALID", field, "contains a character that an address cannot have; only {slug} and {id} are filled in, and others than ASCII are written in percent-encoding")
	case err != nil:
		bad.Add("INVALID", field, "cannot be read as an address: %v", err)
	case !rooted && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil):
		bad.Add("INVALID", field, "must begin with /, http:// or https://, such as https://m.example.com/a/{slug}")
	}
}

// notInURL reports whether RFC 3986 forbids a character in addresses.
func notInURL(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r)
}

// Disclaimer returns the portal's disclaimer for an article of that publisher, whose name
// is as the viewer may see it.
func Disclaimer(f Facts, publisher string) string {
	contact := f.Contact
	if contact == "" {
		contact = "本站"
	}
	return strings.NewReplacer("{publisher}", publisher, "{contact}", contact).Replace(f.Disclaimer)
}

// PageURL returns the address of an article's page for readers: on the Web, or else on WAP;
// empty if neither has a template.
func PageURL(f Facts, slug, id string) string {
	if address := ArticleURL(f, terminal.Web, slug, id); address != "" {
		return address
	}
	return ArticleURL(f, terminal.WAP, slug, id)
}

// ArticleURL returns an article's address on a terminal; empty where there is none.
func ArticleURL(f Facts, t terminal.Terminal, slug, id string) string {
	return strings.NewReplacer("{slug}", slug, "{id}", id).Replace(f.URLs[t])
}
