package serve

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// article holds the data of the article template.
type article struct {
	ID, Slug, Title, Subtitle, Lead, Author, OriginIPMasked, IPRegion, Disclaimer string
	PublishedAt, UpdatedAt, Canonical                                             string
	ViewCount, CommentCount                                                       int
	CommentsOpen                                                                  bool
	Tags, LabelTexts                                                              []string
	Publisher                                                                     link
	Source                                                                        *struct{ Name, URL string }
	Region                                                                        *link
	Breadcrumb, Related                                                           []link
	Previous, Next                                                                *link
	CoverImage                                                                    *image
	Body                                                                          struct{ HTML template.HTML }
	Comments                                                                      struct {
		Edges []struct {
			Node struct {
				remark
				Replies struct{ Edges []struct{ Node remark } }
			}
		}
		PageInfo pageInfo
	}

	Write     writing `json:"-"`
	OlderPage string  `json:"-"` // the address of the next comments
}

// remark holds a comment.
type remark struct{ ID, Author, Text, CreatedAt, IPRegion string }

// writing holds the data of the comment form.
type writing struct {
	Text, Name, Parent, To string
	Problem                string
	Sent                   bool
}

// SourceURL returns the address of the source if it is one of HTTP.
func (a *article) SourceURL() string {
	if a.Source == nil || !strings.HasPrefix(a.Source.URL, "http://") && !strings.HasPrefix(a.Source.URL, "https://") {
		return ""
	}
	return a.Source.URL
}

// article shows an article with its comments.
func (s *Site) article(r *http.Request) (*answer, error) {
	p, a, err := s.readArticle(r)
	if err != nil {
		return nil, err
	}
	a.Write.Sent = r.URL.Query().Get("said") != ""
	a.answerTo(r.URL.Query().Get("reply"))
	if r.URL.RawQuery == "" {
		s.countView(r, a.ID)
	}
	return &answer{status: http.StatusOK, template: "article.html", page: p}, nil
}

// countView counts the view of an article; a failure does not concern the reader.
func (s *Site) countView(r *http.Request, id string) {
	_ = s.ask(r, recordView, map[string]any{"article": id}, nil)
}

func (s *Site) readArticle(r *http.Request) (*page, *article, error) {
	p, slug := s.newPage(r), r.PathValue("slug")
	var data struct {
		nav
		Article *article
	}
	after := r.URL.Query().Get("comments")
	if err := s.ask(r, articleQuery, map[string]any{"slug": slug, "after": orNull(after)}, &data); err != nil {
		return nil, nil, err
	}
	a := data.Article
	if a == nil {
		return nil, nil, s.whyMissing(r, slug)
	}
	p.Nav, p.Title, p.Description, p.Kind, p.Body = data.nav, a.Title, a.Lead, "article", a
	p.Path = "/a/" + slug
	if len(a.Breadcrumb) > 0 {
		p.Section = a.Breadcrumb[0].Slug
		p.Feed = "/feeds/category/" + a.Breadcrumb[len(a.Breadcrumb)-1].Slug + "/atom.xml"
	}
	if a.Canonical != "" {
		p.Canonical = s.absolute(r, a.Canonical)
	}
	if a.CoverImage != nil {
		p.Picture = s.absolute(r, a.CoverImage.URL)
	}
	a.Body.HTML = template.HTML(scrollable.Replace(string(a.Body.HTML)))
	if after != "" {
		p.Robots = "noindex, follow"
	}
	if a.Comments.PageInfo.HasNextPage {
		a.OlderPage = p.Path + "?comments=" + url.QueryEscape(a.Comments.PageInfo.EndCursor) + "#talk"
	}
	p.Structured = []any{s.newsArticle(r, a, p.Nav.Site.Name, p.Canonical), s.breadcrumbs(r, a.Breadcrumb)}
	return p, a, nil
}

// scrollable lets the keyboard reach what may be wider than the page.
var scrollable = strings.NewReplacer("<table>", `<table tabindex="0">`, "<pre>", `<pre tabindex="0">`)

// answerTo makes the form reply to a comment that is shown.
func (a *article) answerTo(id string) {
	for _, edge := range a.Comments.Edges {
		all := []remark{edge.Node.remark}
		for _, reply := range edge.Node.Replies.Edges {
			all = append(all, reply.Node)
		}
		for _, said := range all {
			if said.ID != id {
				continue
			}
			if a.Write.Parent, a.Write.To = id, said.Author; said.Author == "" {
				a.Write.To = "匿名"
			}
		}
	}
}

// whyMissing returns the problem of an article that is not shown: gone, removed for legal
// reasons, or unknown. The API gives the public no reason, so only a site with a token knows.
func (s *Site) whyMissing(r *http.Request, slug string) error {
	var data struct{ Article *struct{ Status string } }
	if s.Token != "" {
		if err := s.askAs(r, s.Token, whyMissing, map[string]any{"slug": slug}, &data); err != nil {
			return err
		}
	}
	if data.Article != nil {
		switch data.Article.Status {
		case "TAKEN_DOWN":
			return &problem{Status: http.StatusUnavailableForLegalReasons, Message: "这篇文章因投诉或违反规定已被移除。如有异议，请通过页脚的联系方式与我们联系。"}
		case "UNPUBLISHED", "EXPIRED":
			return &problem{Status: http.StatusGone, Message: "这篇文章已由发布者撤下，或已过期。"}
		}
	}
	return &problem{Status: http.StatusNotFound, Message: "没有这篇文章，它可能已被删除。"}
}

// comment adds a comment, and shows the form again with the API's message if it was refused.
func (s *Site) comment(r *http.Request) (*answer, error) {
	if err := checkForm(r); err != nil {
		return nil, err
	}
	p, a, err := s.readArticle(r)
	if err != nil {
		return nil, err
	}
	var data struct {
		AddComment struct{ UserErrors []userError }
	}
	err = s.ask(r, addComment, map[string]any{"input": map[string]any{"article": a.ID, "text": r.FormValue("text"), "authorName": orNull(r.FormValue("name")),
		"parent": orNull(r.FormValue("parent")), "idempotencyKey": orNull(r.FormValue("key")), "website": orNull(r.FormValue("website"))}}, &data)
	message, status, err := refused(data.AddComment.UserErrors, err)
	if err != nil {
		return nil, err
	}
	if message == "" {
		return &answer{redirect: p.Path + "?said=1#talk"}, nil
	}
	a.answerTo(r.FormValue("parent"))
	a.Write.Text, a.Write.Name, a.Write.Problem = r.FormValue("text"), r.FormValue("name"), message
	return &answer{status: status, template: "article.html", page: p}, nil
}

// userError is something wrong with an input.
type userError struct {
	Field   []string
	Message string
}

// refused returns the message and the status for an input that was refused; no message if it
// was accepted. Failures that the reader cannot fix remain errors.
func refused(invalid []userError, err error) (message string, status int, _ error) {
	wrong, ok := err.(*problem)
	if err != nil && (!ok || wrong.Status >= http.StatusInternalServerError) {
		return "", 0, err
	}
	if err != nil {
		return wrong.Message, wrong.Status, nil
	}
	for _, one := range invalid {
		name := one.Field[len(one.Field)-1]
		if label := labels[name]; label != "" {
			message += label + "："
		}
		message += one.Message + "。"
	}
	return strings.ReplaceAll(message, "。。", "。"), http.StatusUnprocessableEntity, nil
}
