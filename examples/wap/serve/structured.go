package serve

import (
	"net/http"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// orNull returns nil for an empty text, which is null in variables.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// breadcrumbs returns a BreadcrumbList of schema.org.
func (s *Site) breadcrumbs(r *http.Request, path []link) map[string]any {
	items := []map[string]any{{"@type": "ListItem", "position": 1, "name": "首页", "item": s.origin(r) + "/"}}
	for i, step := range path {
		items = append(items, map[string]any{"@type": "ListItem", "position": i + 2, "name": step.Name, "item": s.origin(r) + "/c/" + step.Slug})
	}
	return map[string]any{"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}
}

// newsArticle returns a NewsArticle of schema.org.
func (s *Site) newsArticle(r *http.Request, a *article, site, canonical string) map[string]any {
	author := map[string]any{"@type": "Organization", "name": a.Publisher.Name}
	if a.Author != "" {
		author = map[string]any{"@type": "Person", "name": a.Author}
	}
	news := map[string]any{"@context": "https://schema.org", "@type": "NewsArticle", "headline": a.Title, "description": a.Lead,
		"datePublished": a.PublishedAt, "dateModified": a.UpdatedAt, "mainEntityOfPage": canonical, "author": author, "inLanguage": "zh-CN",
		"publisher": map[string]any{"@type": "Organization", "name": site}, "commentCount": a.CommentCount}
	if a.CoverImage != nil {
		news["image"] = []string{s.absolute(r, a.CoverImage.URL)}
	}
	if len(a.Breadcrumb) > 0 {
		news["articleSection"] = a.Breadcrumb[len(a.Breadcrumb)-1].Name
	}
	if len(a.Tags) > 0 {
		news["keywords"] = a.Tags
	}
	return news
}

// absolute returns an address with the origin of the site if it is a path.
func (s *Site) absolute(r *http.Request, address string) string {
	if len(address) > 0 && address[0] == '/' {
		return s.origin(r) + address
	}
	return address
}
