package markdown

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// page is a file with its front matter.
type page struct {
	fields
	name   string
	folder *Folder
}

// article yields the article of a page and what it refers to.
func (r *reader) article(common record.Common, p *page, text string) error {
	a := &record.Article{Common: common, Format: record.Markdown, Title: p.text("title")}
	if a.Title == "" {
		a.Title, text = heading(text)
	}
	if a.Title == "" {
		a.Title = p.stem()
		a.Lost = append(a.Lost, "it has no title, and is called as its file")
	}
	a.Subtitle, a.Lead = p.text("subtitle"), p.text("description", "summary", "excerpt", "abstract")
	a.Tags = p.tags()
	a.Cover = p.cover()
	a.Slug = p.text("slug")
	if a.Slug == "" {
		a.Slug = p.stem()
	}
	a.Status = record.Published
	if p.yes("draft", false) || !p.yes("published", true) || strings.HasPrefix(p.name, "_drafts/") || strings.Contains(p.name, "/_drafts/") {
		a.Status = record.Draft
	}
	a.CommentsClosed = !p.yes("comments", true)
	p.times(a)
	var err error
	if a.Category, err = r.category(p, a); err != nil {
		return err
	}
	if a.Publisher, err = r.publisher(p, a); err != nil {
		return err
	}
	a.Text = p.expand(a, text)
	p.addresses(a)
	for _, name := range []string{"series", "password", "redirect_to", "expirydate", "resources"} {
		if p.fields[name] != nil {
			a.Lost = append(a.Lost, "the field "+name+" of its front matter has no place here")
		}
	}
	return r.yield(a)
}

var firstHeading = regexp.MustCompile(`^\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)`)

// heading returns the heading at the beginning of a text, and the rest.
func heading(text string) (title, rest string) {
	found := firstHeading.FindStringSubmatch(text)
	if found == nil {
		return "", text
	}
	return found[1], text[len(found[0]):]
}

var dated = regexp.MustCompile(`^(\d{4}-\d{1,2}-\d{1,2})-(.+)$`)

// stem returns the name of a page without folder, date and extension.
func (p *page) stem() string {
	base := strings.TrimSuffix(path.Base(p.name), path.Ext(p.name))
	if base == "index" {
		base = path.Base(path.Dir(p.name))
	}
	if found := dated.FindStringSubmatch(base); found != nil {
		return found[2]
	}
	return base
}

func (p *page) times(a *record.Article) {
	var known, updatedKnown bool
	a.PublishedAt, known = p.time("publishdate", "date", "created", "pubdate")
	a.UpdatedAt, updatedKnown = p.time("lastmod", "updated", "last_modified_at")
	if !known || !updatedKnown {
		a.Lost = append(a.Lost, "a time of its front matter cannot be read: "+p.text("publishdate", "date", "created", "pubdate", "lastmod", "updated"))
	}
	if a.PublishedAt == 0 {
		if found := dated.FindStringSubmatch(path.Base(p.name)); found != nil {
			if t, err := parseTime(found[1]); err == nil {
				a.PublishedAt = instant.Of(t)
			}
		}
	}
}

func (p *page) tags() (tags []string) {
	for _, name := range []string{"tags", "tag", "keywords"} {
		spaced := p.folder.generator == jekyll && p.text(name) != "" // one text
		for _, tag := range p.list(name) {
			tags = append(tags, strings.FieldsFunc(tag, func(r rune) bool { return r == ',' || r == '，' || r == '、' || r == ' ' && spaced })...)
		}
		if len(tags) > 0 {
			return tags
		}
	}
	return nil
}

func (p *page) cover() string {
	cover := p.text("cover", "thumbnail", "featured_image", "featuredimage", "image", "banner_img", "index_img", "img", "header_img")
	if cover == "" {
		cover = p.inner("cover", "image", "src")
	}
	if images := p.list("images"); cover == "" && len(images) > 0 {
		cover = images[0]
	}
	return cover
}

// categories returns the path of categories of a page, from the top.
func (p *page) categories(a *record.Article) (path []string) {
	path = p.list("categories")
	if len(path) == 0 {
		path = p.list("category")
	}
	if all, ok := p.fields["categories"].([]any); ok && p.folder.generator == hexo {
		for i, one := range all {
			if inner, ok := one.([]any); ok && i == 0 {
				path = fields{"path": inner}.list("path")
			} else if ok {
				a.Lost = append(a.Lost, fmt.Sprintf("it is in one category here; without %v", inner))
			}
		}
		return path
	}
	if p.folder.generator == jekyll && len(path) == 1 {
		return strings.Fields(path[0])
	}
	if p.folder.generator != jekyll && len(path) > 1 {
		a.Lost = append(a.Lost, "it is in one category here; without "+strings.Join(path[1:], ", "))
		path = path[:1]
	}
	return path
}

// category yields the categories of a page that are new, and returns the key of the last.
func (r *reader) category(p *page, a *record.Article) (key string, err error) {
	names := p.categories(a)
	section := ""
	if len(names) == 0 {
		dir := strings.Trim(strings.TrimPrefix(path.Dir(p.name), r.content), "/")
		if path.Base(p.name) == "index.md" { // a page with its files
			dir = path.Dir(dir)
		}
		dir = strings.TrimPrefix(strings.TrimPrefix(dir, "_posts"), "_drafts")
		if dir = strings.Trim(dir, "/."); dir != "" && r.only == "" {
			names, section = strings.Split(dir, "/"), r.content
		}
	}
	for i, name := range names {
		parent := key
		key = "category/" + strings.Join(names[:i+1], "/")
		if r.seen[key] {
			continue
		}
		r.seen[key] = true
		c := &record.Category{Common: record.Common{Key: key, Where: "category " + strings.Join(names[:i+1], "/")}, Parent: parent, Name: name, Slug: name}
		if section != "" {
			c.Name = r.titleOf(path.Join(section, path.Join(names[:i+1]...)), name)
			c.Paths = []string{r.subfolder + "/" + path.Join(names[:i+1]...) + "/"}
		}
		if err := r.yield(c); err != nil {
			return "", err
		}
	}
	return key, nil
}

// titleOf returns the title that a folder has in its _index.md, or its name.
func (r *reader) titleOf(dir, name string) string {
	text, err := r.read(path.Join(dir, "_index.md"))
	if err != nil {
		return name
	}
	if values, _, err := split(text); err == nil && values.text("title") != "" {
		return values.text("title")
	}
	return name
}

// publisher yields the author of a page, if that is new, and returns its key.
func (r *reader) publisher(p *page, a *record.Article) (key string, err error) {
	names := p.list("authors")
	if name := p.text("author"); name != "" {
		names = []string{name}
	} else if name := p.inner("author", "name"); name != "" {
		names = []string{name}
	} else if len(names) == 0 {
		names = p.list("author")
	}
	if len(names) == 0 {
		return "", nil
	}
	a.Author = strings.Join(names, "、")
	key = "publisher/" + names[0]
	if r.seen[key] {
		return key, nil
	}
	r.seen[key] = true
	return key, r.yield(&record.Publisher{Common: record.Common{Key: key, Where: "author " + names[0]}, Name: names[0], Public: true})
}

// addresses sets the addresses that the page has on the site, and its base address.
func (p *page) addresses(a *record.Article) {
	at := p.folder.permalinkOf(p, a)
	if at != "" {
		a.Paths = []string{p.folder.subfolder + at}
	}
	for _, alias := range append(p.list("aliases"), p.list("redirect_from")...) {
		if !strings.HasPrefix(alias, "/") {
			alias = "/" + alias
		}
		a.Paths = append(a.Paths, p.folder.subfolder+alias)
	}
	// Pictures are named relative to the file, or in the folder of the page.
	a.Base = record.NoAddress + "/" + (&url.URL{Path: strings.TrimPrefix(p.name, "./")}).EscapedPath()
	if p.folder.generator == hexo {
		a.Base = strings.TrimSuffix(a.Base, path.Ext(p.name)) + "/"
	}
}
