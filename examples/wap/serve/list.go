package serve

import (
	"net/http"
	"net/url"
)

// image holds a picture with its smaller copies.
type image struct {
	URL, Alt      string
	Width, Height int
	Variants      []struct {
		URL           string
		Width, Height int
	}
}

// Srcset returns the copies for the browser to choose from.
func (i *image) Srcset() string {
	text := ""
	for _, v := range i.Variants {
		text += v.URL + " " + itoa(v.Width) + "w, "
	}
	if i.Width > 0 && text != "" {
		return text + i.URL + " " + itoa(i.Width) + "w"
	}
	return ""
}

// Thumbnail returns the address of the smallest copy.
func (i *image) Thumbnail() string {
	if len(i.Variants) > 0 {
		return i.Variants[0].URL
	}
	return i.URL
}

// card holds an article in a list.
type card struct {
	Slug, Title, Lead, PublishedAt string
	ViewCount, CommentCount        int
	LabelTexts                     []string
	Category                       link
	Region                         *link
	CoverImage                     *image
}

// connection holds a page of a list.
type connection struct {
	Edges    []struct{ Node card }
	PageInfo pageInfo
}

type pageInfo struct {
	HasNextPage bool
	EndCursor   string
}

// listed holds the data of the list template.
type listed struct {
	Heading   string
	Path      []link // the categories above and the one shown
	Children  []link
	Top, Rest []card // the headlines of the front page, and the list
	Next      string // the address of the next page; empty: there is none
	Problem   string // why there is no list
}

// list shows the newest articles of the site or of a category, in a region where one is chosen.
func (s *Site) list(r *http.Request) (*answer, error) {
	p, slug := s.newPage(r), r.PathValue("slug")
	var data struct {
		nav
		Category *struct {
			link
			Breadcrumb, Children []link
		}
		Region   *link
		Articles *connection
	}
	after := r.URL.Query().Get("after")
	err := s.ask(r, listQuery, map[string]any{"category": orNull(slug), "slug": orNull(slug), "inCategory": slug != "",
		"region": orNull(p.Region), "regionSlug": orNull(p.Region), "inRegion": p.Region != "", "after": orNull(after)}, &data)
	if err != nil {
		return nil, err
	}
	p.Nav = data.nav
	body := &listed{Heading: "最新资讯"}
	p.Description = p.Nav.Site.Name + "的最新文章"
	switch {
	case slug != "" && data.Category == nil:
		return nil, &problem{Status: http.StatusNotFound, Message: "没有这个栏目。"}
	case p.Region != "" && data.Region == nil:
		return nil, &problem{Status: http.StatusNotFound, Message: "没有这个地区。"}
	}
	if data.Region != nil {
		body.Heading, p.Feed = data.Region.Name+"资讯", "/feeds/region/"+p.Region+"/atom.xml"
		p.Title, p.Canonical = body.Heading, p.Canonical+"?region="+url.QueryEscape(p.Region)
		p.Description = p.Nav.Site.Name + "：" + data.Region.Name + "的最新文章"
	}
	if c := data.Category; c != nil {
		p.Section, p.Feed = c.Breadcrumb[0].Slug, "/feeds/category/"+slug+"/atom.xml"
		body.Path, body.Children, body.Heading = c.Breadcrumb, c.Children, c.Name
		p.Description = p.Nav.Site.Name + "“" + c.Name + "”栏目的最新文章"
		if p.Title = c.Name; data.Region != nil {
			p.Title += " · " + data.Region.Name
		}
		p.Structured = s.breadcrumbs(r, c.Breadcrumb)
	}
	if after != "" {
		p.Robots = "noindex, follow"
	}
	body.fill(data.Articles, r.URL, slug == "" && p.Region == "" && after == "")
	p.Body = body
	return &answer{status: http.StatusOK, template: "list.html", page: p}, nil
}

// fill takes over the articles of a page; a front page sets the first ones with a cover apart.
func (l *listed) fill(c *connection, at *url.URL, front bool) {
	for _, edge := range c.Edges {
		if front && len(l.Top) < 3 && edge.Node.CoverImage != nil {
			l.Top = append(l.Top, edge.Node)
			continue
		}
		l.Rest = append(l.Rest, edge.Node)
	}
	if c.PageInfo.HasNextPage {
		query := at.Query()
		query.Set("after", c.PageInfo.EndCursor)
		l.Next = at.Path + "?" + query.Encode()
	}
}

// search shows what the words find, or the API's own message about them.
func (s *Site) search(r *http.Request) (*answer, error) {
	p, status := s.newPage(r), http.StatusOK
	p.Words, p.Robots = r.URL.Query().Get("q"), "noindex, follow"
	var data struct {
		nav
		Articles *connection
	}
	body := &listed{Heading: "搜索"}
	var err error
	if p.Words == "" {
		err, body.Problem = s.ask(r, navQuery, nil, &data), "请输入要找的词。"
	} else {
		p.Title = p.Words + " - 搜索"
		body.Heading = "“" + p.Words + "”的搜索结果"
		err = s.ask(r, searchQuery, map[string]any{"words": p.Words, "after": orNull(r.URL.Query().Get("after"))}, &data)
	}
	if wrong, ok := err.(*problem); ok && wrong.Status == http.StatusBadRequest && data.Site.Name != "" {
		body.Problem, status, err = wrong.Message, wrong.Status, nil
	}
	if err != nil {
		return nil, err
	}
	p.Nav = data.nav
	if p.Title == "" {
		p.Title = "搜索"
	}
	if data.Articles != nil {
		body.fill(data.Articles, r.URL, false)
		if len(body.Rest) == 0 {
			body.Problem = "没有找到含有“" + p.Words + "”的文章。换一个短一些的词试试，或看看热门文章。"
		}
	}
	p.Body = body
	return &answer{status: status, template: "list.html", page: p}, nil
}
