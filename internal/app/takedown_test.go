package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/app/apptest"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/comment"
	"github.com/tonggao/tonggao/internal/config"
	"github.com/tonggao/tonggao/internal/storetest"
	"github.com/tonggao/tonggao/internal/viewer"
)

// TestTakedownAndTheWayBack takes an article and a comment down on one replica and asks
// the other for everything that the schema has: nothing of them is found, at once; after
// the restoration every answer is what it was.
func TestTakedownAndTheWayBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		generous := func(c *config.Config) { c.CostLimit = 1 << 30 }
		here, there := apptest.Start(t, s, generous), apptest.Start(t, storetest.Open(t, s.URL), generous)
		v := &vault{Program: there, t: t, tokens: map[string]string{}}
		a, c := v.publishSomething(here)
		questions := ask(v, depth()).list
		before := v.answers(questions)
		for _, word := range v.secrets {
			if !strings.Contains(before, word.value) {
				t.Fatalf("%s is found nowhere, so the questions do not reach it", word.what)
			}
		}
		moderator := here.Token(viewer.Moderator, "")
		steps := []struct {
			item string
			gone []string // what must not be found while it is down
		}{{c.ID, []string{"zqcomment"}}, {a.ID, v.words()}}
		for _, step := range steps {
			turn(here, moderator, "takeDown", step.item)
			during := v.answers(questions)
			for _, word := range step.gone {
				if at := strings.Index(during, word); at >= 0 {
					t.Errorf("%s is down, and found: …%.300s", step.item, during[max(0, at-200):])
				}
			}
		}
		for _, step := range steps {
			turn(here, moderator, "restore", step.item)
		}
		if diff := cmp.Diff(strings.Split(before, "\n"), strings.Split(v.answers(questions), "\n")); diff != "" {
			t.Errorf("restored is not as before: %.3000s", diff)
		}
	})
}

// publishSomething publishes an article and a comment with words that are found nowhere
// else.
func (v *vault) publishSomething(p *apptest.Program) (*ent.Article, *ent.Comment) {
	word := func(what string) string { return v.hide("the "+what, "zq"+what, nil) }
	news, publisher := p.Category("行业新闻", "news", nil), p.Publisher("青禾社区", true)
	other := p.Article(article.CreateInput{Title: "另一篇", Category: news.ID, Publisher: &publisher.ID, Tags: []string{"共同"}}, p.Store.Clock().Add(-2*time.Hour))
	body, subtitle, lead, author := word("body"), word("subtitle"), word("lead"), word("author")
	a := p.Article(article.CreateInput{Title: word("title"), Category: news.ID, Publisher: &publisher.ID, Subtitle: &subtitle,
		Lead: &lead, Author: &author, Source: &article.SourceInput{Name: word("source")}, Tags: []string{"共同", word("tag")},
		Body: article.BodyInput{Markdown: &body}}, p.Store.Clock().Add(-time.Hour))
	c := p.Comment(comment.AddInput{Article: a.ID, Text: word("comment")}, true)
	reply := p.Comment(comment.AddInput{Article: a.ID, Parent: &c.ID, Text: "回复"}, true)
	v.ids = []string{news.ID, publisher.ID, other.ID, a.ID, c.ID, reply.ID}
	v.slugs = []string{"news", a.Slug}
	return a, c
}

// words is all that is hidden.
func (v *vault) words() (list []string) {
	for _, s := range v.secrets {
		list = append(list, s.value)
	}
	return list
}

var versions = regexp.MustCompile(`"version":\d+`)

// answers is what everybody is answered to all questions, but for versions, which count
// what the followers of the change log are told.
func (v *vault) answers(questions []string) string {
	var all strings.Builder
	for _, q := range questions {
		all.WriteString(versions.ReplaceAllString(v.Ask("", q, nil).Body, ""))
		all.WriteByte('\n')
	}
	return all.String()
}

func turn(p *apptest.Program, token, mutation, item string) {
	var data map[string]struct {
		Measure    *struct{ ID string }
		UserErrors []struct{ Message string }
	}
	p.MustAsk(token, `mutation($item: ID!) { `+mutation+`(input: { item: $item, reason: "权利人通知" }) { measure { id } userErrors { message } } }`,
		map[string]any{"item": item}, &data)
	if data[mutation].Measure == nil {
		panic(mutation + " of " + item + ": " + data[mutation].UserErrors[0].Message)
	}
}
