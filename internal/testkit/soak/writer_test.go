package soak_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// writer is one client. It writes until the program is gone.
type writer struct {
	t      *testing.T
	name   string
	log    *ledger
	tokens map[string]string // by role
	http   http.Client
	task   func(*writer) error // one write, or a few that belong together
	filing filing

	address string
	count   int
	article string // that it updates, or comments on
	version int    // of that article
}

// filing is where articles are filed.
type filing struct{ category, publisher string }

// newCrowd makes the writers and an article for each.
func newCrowd(t *testing.T, p *program, log *ledger) *crowd {
	t.Helper()
	tasks := []func(*writer) error{
		(*writer).comment, (*writer).upload, (*writer).approved,
		(*writer).publish, (*writer).publish, (*writer).update, (*writer).update, (*writer).view,
	}
	tokens := map[string]string{"EDITOR": p.token(t, "EDITOR"), "MODERATOR": p.token(t, "MODERATOR")}
	first := &writer{t: t, log: log, tokens: tokens, address: p.address, name: "first"}
	var at filing
	for _, err := range []error{
		first.id("EDITOR", `mutation { a: createCategory(input: {name: "行业新闻", slug: "news"}) { of: category { id } userErrors { message } } }`, nil, &at.category),
		first.id("EDITOR", `mutation { a: createPublisher(input: {name: "青禾养老网编辑部"}) { of: publisher { id } userErrors { message } } }`, nil, &at.publisher),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &crowd{}
	for i, task := range tasks {
		w := &writer{t: t, name: fmt.Sprintf("writer %d", i), log: log, tokens: tokens, task: task, filing: at, address: p.address}
		if err := w.publish(); err != nil {
			t.Fatal(err)
		}
		c.writers = append(c.writers, w)
	}
	return c
}

// learn gives the writers the program's address, and lets each read the version of its
// article: after a kill it is unknown whether the last update was committed.
func (c *crowd) learn(t *testing.T, address string) {
	t.Helper()
	for _, w := range c.writers {
		w.address = address
		var got struct{ Article struct{ Version int } }
		if err := w.ask("EDITOR", `query ($id: ID!) { article(id: $id) { version } }`, map[string]any{"id": w.article}, &got); err != nil {
			t.Fatalf("%s: read its article again: %v", w.name, err)
		}
		w.version = got.Article.Version
	}
}

// errGone ends a writer: the program does not answer.
var errGone = errors.New("the program is gone")

// run writes until the program is gone.
func (w *writer) run() {
	for {
		err := w.task(w)
		if errors.Is(err, errGone) {
			w.http.CloseIdleConnections()
			return
		}
		if err != nil {
			w.t.Errorf("%s: %v", w.name, err)
			return
		}
	}
}

// text returns a new text.
func (w *writer) text() string {
	w.count++
	return fmt.Sprintf("%s, write %d", w.name, w.count)
}

// comment writes a comment that waits for a moderator.
func (w *writer) comment() error {
	_, err := w.addComment()
	return err
}

func (w *writer) addComment() (e entry, err error) {
	e = entry{Text: w.text(), Article: w.article}
	err = w.id("", `mutation ($in: AddCommentInput!) { a: addComment(input: $in) { of: comment { id } userErrors { message } } }`,
		map[string]any{"in": map[string]any{"article": w.article, "text": e.Text}}, &e.Comment)
	if err == nil {
		w.log.put(w.t, e)
	}
	return e, err
}

// approved writes a comment and approves it.
func (w *writer) approved() error {
	e, err := w.addComment()
	if err != nil {
		return err
	}
	err = w.id("MODERATOR", `mutation ($in: ModerateCommentInput!) { a: moderateComment(input: $in) { of: comment { id } userErrors { message } } }`,
		map[string]any{"in": map[string]any{"comment": e.Comment, "status": "APPROVED"}}, new(string))
	if err == nil {
		e.Shown = true
		w.log.put(w.t, e)
	}
	return err
}

// publish writes a new article and publishes it.
func (w *writer) publish() error {
	e := entry{Text: w.text()}
	err := w.id("EDITOR", `mutation ($in: CreateArticleInput!) { a: createArticle(input: $in) { of: article { id } userErrors { message } } }`,
		map[string]any{"in": map[string]any{"title": e.Text, "category": w.filing.category, "publisher": w.filing.publisher,
			"tags": []string{"养老"}, "body": map[string]any{"markdown": "社区食堂今天开门,老人可以用卡吃饭。"}}}, &e.Article)
	if err != nil {
		return err
	}
	e.Version = 1
	w.log.put(w.t, e)
	err = w.id("EDITOR", `mutation ($in: PublishArticleInput!) { a: publishArticle(input: $in) { of: article { id } userErrors { message } } }`,
		map[string]any{"in": map[string]any{"article": e.Article}}, new(string))
	if err != nil {
		return err
	}
	e.Version = 2
	w.log.put(w.t, e)
	if w.article == "" {
		w.article, w.version = e.Article, 2
	}
	return nil
}

// update changes its own published article.
func (w *writer) update() error {
	e := entry{Text: w.text(), Article: w.article, Version: w.version + 1}
	err := w.id("EDITOR", `mutation ($in: UpdateArticleInput!) { a: updateArticle(input: $in) { of: article { id } userErrors { message } } }`,
		map[string]any{"in": map[string]any{"article": w.article, "version": w.version, "title": e.Text}}, new(string))
	if err == nil {
		w.version++
		w.log.put(w.t, e)
	}
	return err
}

// view records a view. It may be lost, but not be counted in one of the two tables only.
func (w *writer) view() error {
	return w.ask("", `mutation ($id: ID!) { recordView(input: {article: $id}) { recorded } }`, map[string]any{"id": w.article}, new(any))
}

// id sends a mutation and reads the id of the changed item.
func (w *writer) id(role, query string, variables map[string]any, id *string) error {
	var got struct {
		A struct {
			Of         *struct{ ID string }
			UserErrors []struct{ Message string }
		}
	}
	if err := w.ask(role, query, variables, &got); err != nil {
		return err
	}
	if got.A.Of == nil {
		return fmt.Errorf("refused: %v", got.A.UserErrors)
	}
	*id = got.A.Of.ID
	return nil
}

// ask sends an operation. An incomplete answer counts as none.
func (w *writer) ask(role, query string, variables map[string]any, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, w.address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+w.tokens[role])
	}
	response, err := w.http.Do(r)
	if err != nil {
		return errGone
	}
	defer response.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return errGone
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("answered with %s", answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, data)
}
