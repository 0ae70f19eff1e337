package markdown

import (
	"path"
	"strings"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// permalinkOf returns the path of a page on the site, as its generator makes it; "" for a
// post whose date is unknown.
func (f *Folder) permalinkOf(p *page, a *record.Article) string {
	if given := p.text("url", "permalink"); given != "" && !strings.Contains(given, ":") {
		return "/" + strings.TrimPrefix(given, "/")
	}
	pattern, posted := f.permalink, strings.Contains(p.name, "_posts/") || strings.Contains(p.name, "_drafts/")
	switch {
	case f.generator == plain || f.generator == hugo || !posted:
		return f.plainPath(p)
	case a.PublishedAt == 0:
		return ""
	}
	switch f.generator {
	case hexo:
		if pattern == "" {
			pattern = ":year/:month/:day/:title/"
		}
	case jekyll:
		switch pattern {
		case "", "date":
			pattern = "/:categories/:year/:month/:day/:title.html"
		case "pretty":
			pattern = "/:categories/:year/:month/:day/:title/"
		case "ordinal":
			pattern = "/:categories/:year/:y_day/:title.html"
		case "none":
			pattern = "/:categories/:title.html"
		}
	}
	t := a.PublishedAt.Time()
	title := p.stem()
	if f.generator == hexo && p.text("slug") != "" {
		title = p.text("slug")
	}
	categories := strings.Join(p.categories(&record.Article{}), "/")
	replaced := strings.NewReplacer(":year", t.Format("2006"), ":month", t.Format("01"), ":i_month", t.Format("1"), ":day", t.Format("02"), ":i_day", t.Format("2"),
		":hour", t.Format("15"), ":minute", t.Format("04"), ":second", t.Format("05"), ":y_day", t.Format("002"),
		":title", title, ":name", title, ":slug", title, ":categories", categories, ":category", categories).Replace(pattern)
	clean := path.Clean("/" + replaced)
	if strings.HasSuffix(replaced, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// plainPath returns the path that Hugo gives a page: its folder and its name.
func (f *Folder) plainPath(p *page) string {
	dir := strings.Trim(strings.TrimPrefix(path.Dir(p.name), f.content), "/.")
	name := strings.TrimSuffix(path.Base(p.name), path.Ext(p.name))
	if name == "index" {
		dir, name = path.Dir(dir), path.Base(dir)
	}
	if s := p.text("slug"); s != "" {
		name = s
	}
	at := path.Join("/", dir, strings.ReplaceAll(strings.ToLower(name), " ", "-"))
	return at + "/"
}
