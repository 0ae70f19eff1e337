package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const question = `query OfficialAccount($id: ID, $slug: String) {
  article(id: $id, slug: $slug) {
    title author lead labels publishedAt commentsOpen
    publisher { name }
    url(terminal: WAP)
    body {
      officialAccountHtml
      losses(terminal: OFFICIAL_ACCOUNT) { path reason instead }
    }
  }
}`

// article holds the fields of an article that the query selects.
type article struct {
	Title        string
	Author       *string
	Lead         string
	Labels       []string
	PublishedAt  time.Time
	CommentsOpen bool
	Publisher    struct{ Name string }
	URL          *string
	Body         struct {
		OfficialAccountHTML string `json:"officialAccountHtml"`
		Losses              []loss
	}
}

// loss is a part of the text that the server reports as lost.
type loss struct{ Path, Reason, Instead string }

// fetch queries the article by id or by slug; only ids contain an underscore.
func fetch(ctx context.Context, api, which string) (*article, error) {
	key := "slug"
	if strings.Contains(which, "_") {
		key = "id"
	}
	sent, err := json.Marshal(map[string]any{"query": question, "variables": map[string]string{key: which}})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(api, "/")+"/graphql", bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("接口没有应答：%w", err)
	}
	defer resp.Body.Close()
	var answer struct {
		Data   struct{ Article *article }
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("收到的不是接口的应答（HTTP %d）：%w", resp.StatusCode, err)
	}
	if len(answer.Errors) > 0 {
		return nil, fmt.Errorf("接口说：%s", answer.Errors[0].Message)
	}
	if answer.Data.Article == nil {
		return nil, fmt.Errorf("没有文章 %s，或者还没有发布", which)
	}
	return answer.Data.Article, nil
}
