package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const question = `query OfficialAccount($id: ID, $slug: String) {
  article(id: $id, slug: $slug) {
    id title author lead labels publishedAt commentsOpen
    publisher { name }
    coverImage { url alt }
    url(terminal: WAP)
    body {
      officialAccountParts
      losses(terminal: OFFICIAL_ACCOUNT) { path reason instead }
    }
  }
}`

const listQuestion = `query OfficialAccountList($words: String!, $searching: Boolean!, $after: Cursor) {
  search(query: $words, first: 30, after: $after) @include(if: $searching) { ...Found }
  articles(first: 30, after: $after) @skip(if: $searching) { ...Found }
}
fragment Found on ArticleConnection {
  edges { node { id title publishedAt publisher { name } } }
  pageInfo { hasNextPage endCursor }
}`

// errNotFound reports that the API has no such article for the public.
var errNotFound = errors.New("没有这篇文章，或者还没有发布")

// client asks the API, as the public does.
type client struct{ api string }

// article holds the fields of an article that the queries select.
type article struct {
	ID           string
	Title        string
	Author       *string
	Lead         string
	Labels       []string
	PublishedAt  time.Time
	CommentsOpen bool
	Publisher    struct{ Name string }
	CoverImage   *struct{ URL, Alt string }
	URL          *string
	Body         struct {
		OfficialAccountParts []string
		Losses               []loss
	}
}

// loss is a part of the text that the server reports as lost.
type loss struct{ Path, Reason, Instead string }

// results holds one page of a list of articles.
type results struct {
	Edges    []struct{ Node article }
	PageInfo struct {
		HasNextPage bool
		EndCursor   string
	}
}

// article returns the article with the id or slug; only ids contain an underscore.
func (c client) article(ctx context.Context, which string) (*article, error) {
	key := "slug"
	if strings.Contains(which, "_") {
		key = "id"
	}
	var data struct{ Article *article }
	if err := c.ask(ctx, question, map[string]any{key: which}, &data); err != nil {
		return nil, err
	}
	if data.Article == nil {
		return nil, fmt.Errorf("%s：%w", which, errNotFound)
	}
	return data.Article, nil
}

// list returns the articles in which the words are found, or the latest without words.
func (c client) list(ctx context.Context, words, after string) (results, error) {
	variables := map[string]any{"words": words, "searching": words != ""}
	if after != "" {
		variables["after"] = after
	}
	var data struct{ Search, Articles results }
	err := c.ask(ctx, listQuestion, variables, &data)
	if words != "" {
		return data.Search, err
	}
	return data.Articles, err
}

// ask sends a query and reads the data of the response.
func (c client) ask(ctx context.Context, query string, variables map[string]any, data any) error {
	sent, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.api, "/")+"/graphql", bytes.NewReader(sent))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "zh-CN")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("接口没有应答：%w", err)
	}
	defer resp.Body.Close()
	answer := struct {
		Data   any
		Errors []struct{ Message string }
	}{Data: data}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("收到的不是接口的应答（HTTP %d）：%w", resp.StatusCode, err)
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("接口说：%s", answer.Errors[0].Message)
	}
	return nil
}
