package serve

import (
	"crypto/rand"
	"crypto/subtle"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// link holds a place with a page.
type link struct{ Slug, Name, Title string }

// nav holds the data of every page: the facts of the site, the navigation and the most read.
type nav struct {
	Site struct {
		Name, Contact, Copyright, ICPNumber string
		ReportWorkingDays                   int
	}
	Regions, Categories, Hot []link
}

// page holds the data of a template.
type page struct {
	Nav nav

	Title, Description, Canonical, Robots, Kind string
	Picture                                     string // for sharing
	Structured                                  any    // JSON-LD
	Feed                                        string // the path of the feed of what is shown

	Path    string // of this page, to come back to
	Region  string // slug
	Words   string // of the search
	Section string // slug of the top category
	View    view
	Form    string // the token of forms
	Key     string // makes a repeated submission harmless
	Message string
	Body    any
}

// newPage returns the page of r before its content is known.
func (s *Site) newPage(r *http.Request) *page {
	return &page{Path: r.URL.RequestURI(), Canonical: s.origin(r) + r.URL.Path, Region: r.URL.Query().Get("region"), Kind: "website",
		Feed: "/feeds/atom.xml", View: viewOf(r), Key: rand.Text()}
}

// Heading returns the title of the window.
func (p *page) Heading() string {
	if p.Nav.Site.Name == "" || p.Title == "" {
		return p.Title + p.Nav.Site.Name
	}
	return p.Title + " - " + p.Nav.Site.Name
}

// In returns the address of a category in the chosen region.
func (p *page) In(slug string) string {
	if p.Region == "" {
		return "/c/" + slug
	}
	return "/c/" + slug + "?region=" + url.QueryEscape(p.Region)
}

// Back returns the address that sets the view and comes back to this page.
func (p *page) Back(elder bool, size int) string {
	v := view{Elder: elder, Size: min(max(size, 0), largest)}
	return "/view?" + url.Values{"view": {v.String()}, "back": {p.Path}}.Encode()
}

// view holds the display settings of a reader, which a cookie stores.
type view struct {
	Elder bool
	Size  int // 0 to largest; 1 is normal
}

const largest = 3

func (v view) String() string {
	text := string(rune('0' + v.Size))
	if v.Elder {
		return "elder" + text
	}
	return text
}

// Smaller and Larger return the neighbouring sizes.
func (v view) Smaller() int { return v.Size - 1 }
func (v view) Larger() int  { return v.Size + 1 }

// Sizes returns the largest size, for templates.
func (v view) Sizes() int { return largest }

func parseView(text string) view {
	size, elder := strings.CutPrefix(text, "elder")
	if len(size) != 1 || size[0] < '0' || size[0] > '0'+largest {
		return view{Size: 1}
	}
	return view{Elder: elder, Size: int(size[0] - '0')}
}

func viewOf(r *http.Request) view {
	cookie, err := r.Cookie("view")
	if err != nil {
		return view{Size: 1}
	}
	return parseView(cookie.Value)
}

// setView stores the view and goes back to a page of this site.
func setView(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "view", Value: parseView(r.FormValue("view")).String(), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode})
	back, err := url.Parse(r.FormValue("back"))
	if err != nil || back.Host != "" || back.Scheme != "" || !strings.HasPrefix(back.Path, "/") || strings.HasPrefix(back.Path, "//") || strings.Contains(back.Path, `\`) {
		back = &url.URL{Path: "/"}
	}
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// formCookie holds the token of forms: another site can neither read nor set it.
const formCookie = "form"

// formToken returns the token that forms must send back, and sets it if the browser has none.
func formToken(w http.ResponseWriter, r *http.Request) string {
	if cookie, err := r.Cookie(formCookie); err == nil && len(cookie.Value) >= 26 {
		return cookie.Value
	}
	token := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: formCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
	return token
}

// checkForm returns an error unless a form came from a page of this site.
func checkForm(r *http.Request) error {
	cookie, err := r.Cookie(formCookie)
	if err != nil || len(cookie.Value) < 26 || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(r.FormValue("form"))) != 1 {
		return &problem{Status: http.StatusForbidden, Message: "这个表单已过期，或不是从本站提交的。请返回上一页，刷新后再提交。"}
	}
	return nil
}

var functions = template.FuncMap{
	"date": func(t string) string { return strings.ReplaceAll(t[:min(10, len(t))], "T", " ") },
	"when": func(t string) string { return strings.ReplaceAll(t[:min(19, len(t))], "T", " ") },
	"short": func(text string) string {
		if runes := []rune(text); len(runes) > 60 {
			return string(runes[:60]) + "…"
		}
		return text
	},
	"pair": func(a, b any) [2]any { return [2]any{a, b} },
}
