package serve_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// visitor is a browser without JavaScript: it follows links, fills forms, keeps cookies.
type visitor struct {
	t      testing.TB
	home   string
	client *http.Client
}

func visit(t testing.TB, home string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, home, &http.Client{Jar: jar}}
}

// document is a page that was read.
type document struct {
	status int
	at     string // the path and query after redirects
	text   string // the source
	root   *html.Node
}

// open reads the page at a path, or at an address.
func (v *visitor) open(path string) document {
	v.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = v.home + path
	}
	response, err := v.client.Get(path)
	return v.read(response, err)
}

func (v *visitor) read(response *http.Response, err error) document {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		v.t.Fatal(err)
	}
	return document{response.StatusCode, response.Request.URL.RequestURI(), string(text), root}
}

// submit sends the form with that id, with the values that it has in the page and those given.
// A file is given as "name=file name" and its content.
func (v *visitor) submit(d document, id string, values map[string]string) document {
	v.t.Helper()
	form := d.find(func(n *html.Node) bool { return n.Data == "form" && attribute(n, "id") == id })
	if form == nil {
		v.t.Fatalf("%s has no form %s", d.at, id)
	}
	fields := url.Values{}
	for _, n := range all(form, "input", "textarea", "option") {
		switch name := attribute(n, "name"); {
		case n.Data == "option" && has(n, "selected"):
			fields.Set(attribute(parent(n, "select"), "name"), attribute(n, "value"))
		case n.Data == "textarea":
			fields.Set(name, textOf(n))
		case n.Data == "input" && attribute(n, "type") != "checkbox" && attribute(n, "type") != "file":
			fields.Set(name, attribute(n, "value"))
		}
	}
	var body bytes.Buffer
	kind := "application/x-www-form-urlencoded"
	action, err := url.Parse(v.home + d.at)
	if err == nil {
		action, err = action.Parse(attribute(form, "action"))
	}
	if err != nil {
		v.t.Fatal(err)
	}
	if attribute(form, "enctype") == "multipart/form-data" {
		w := multipart.NewWriter(&body)
		for name := range fields {
			_ = w.WriteField(name, fields.Get(name)) // writing to memory cannot fail
		}
		for name, content := range values {
			part, _ := w.CreateFormFile("files", name)
			_, _ = part.Write([]byte(content))
		}
		_ = w.Close()
		kind = w.FormDataContentType()
	} else {
		for name, value := range values {
			fields.Set(name, value)
		}
		body.WriteString(fields.Encode())
	}
	if attribute(form, "method") != "post" {
		action.RawQuery = fields.Encode()
		return v.open(action.String())
	}
	response, err := v.client.Post(action.String(), kind, &body)
	return v.read(response, err)
}

// find returns the first element that matches.
func (d document) find(match func(*html.Node) bool) *html.Node {
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			return n
		}
	}
	return nil
}

// byID returns the text of the element with that id.
func (d document) byID(id string) string {
	n := d.find(func(n *html.Node) bool { return attribute(n, "id") == id })
	if n == nil {
		return ""
	}
	return textOf(n)
}

// meta returns the content of a meta element by its name or property, or of a link by its rel.
func (d document) meta(name string) string {
	n := d.find(func(n *html.Node) bool {
		return n.Data == "meta" && (attribute(n, "name") == name || attribute(n, "property") == name) || n.Data == "link" && attribute(n, "rel") == name
	})
	if n == nil {
		return ""
	}
	return attribute(n, "content") + attribute(n, "href")
}

// links returns the addresses of this site that the page links to, without fragments.
func (d document) links() (list []string) {
	for _, n := range all(d.root, "a", "link", "script", "img") {
		address, _, _ := strings.Cut(attribute(n, "href")+attribute(n, "src"), "#")
		if strings.HasPrefix(address, "/") {
			list = append(list, address)
		}
	}
	return list
}

// all returns the elements with these names below n.
func all(n *html.Node, names ...string) (list []*html.Node) {
	for d := range n.Descendants() {
		for _, name := range names {
			if d.Type == html.ElementNode && d.Data == name {
				list = append(list, d)
			}
		}
	}
	return list
}

func parent(n *html.Node, name string) *html.Node {
	for n != nil && n.Data != name {
		n = n.Parent
	}
	return n
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// classed matches the elements with exactly this class.
func classed(class string) func(*html.Node) bool {
	return func(n *html.Node) bool { return attribute(n, "class") == class }
}
