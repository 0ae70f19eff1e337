package graphqlhttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// serve serves one request without a network.
func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestResponseHasDataAndCost(t *testing.T) {
	t.Parallel()
	got := serve(portal(graphqlhttp.Options{}), postJSON("/", `{"query":"{site{name}}"}`))
	want := `{"data":{"site":{"name":"养老之家"}},"extensions":{"cost":{"price":2,"limit":20000,"nodes":1}}}`
	if text := strings.ReplaceAll(got.Body.String(), "\n", ""); text != want {
		t.Errorf("got %s", text)
	}
	if got.Header().Get("Vary") != "Accept" || got.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("header: %v", got.Header())
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "QUERY"} {
		w := serve(h, httptest.NewRequest(method, "/?query={site{name}}", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
	w := serve(h, httptest.NewRequest(http.MethodGet, "/?query="+url.QueryEscape(`mutation{rename(name:"x"){name}}`), nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" || strings.Contains(w.Body.String(), "data") {
		t.Errorf("a mutation by GET: %d %v %s", w.Code, w.Header(), w.Body)
	}
	w = serve(h, httptest.NewRequest(http.MethodGet, "/?operationName=B&query="+url.QueryEscape(`mutation A{rename(name:"x"){name}} query B{site{name}}`), nil))
	if w.Code != http.StatusOK {
		t.Errorf("a query by GET next to a mutation: %d %s", w.Code, w.Body)
	}
}

// TestRefusedRequests checks the status and message of requests that are refused before they are parsed.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	for _, c := range []struct {
		name   string
		header http.Header
		body   string
		status int
		says   string
	}{
		{"form", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "query={site{name}}", 415, "Content-Type: application/json"},
		{"multipart", http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, "--x", 415, "Content-Type: application/json"},
		{"other charset", http.Header{"Content-Type": {"application/json; charset=gbk"}}, `{"query":"{site{name}}"}`, 415, "UTF-8"},
		{"compressed", http.Header{"Content-Encoding": {"gzip"}}, "\x1f\x8b", 415, "Content-Encoding"},
		{"a picture accepted", http.Header{"Accept": {"image/png"}}, `{"query":"{site{name}}"}`, 406, "application/graphql-response+json or application/json"},
		{"batch", nil, ` [{"query":"{site{name}}"}]`, 400, "batches are not supported"},
		{"two values", nil, `{"query":"{site{name}}"} {}`, 400, "not a JSON object"},
		{"string", nil, `"{site{name}}"`, 400, "not a JSON object"},
		{"nothing", nil, ``, 400, "not a JSON object"},
		{"null", nil, `null`, 400, "query is missing"},
		{"variables in a list", nil, `{"query":"{site{name}}","variables":[]}`, 400, "variables has the wrong type"},
	} {
		r := postJSON("/", c.body)
		for name, values := range c.header {
			r.Header[name] = values
		}
		w := serve(h, r)
		got := decode(t, w.Body.Bytes())
		if w.Code != c.status || len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, c.says) || got.Data != nil {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	long := `{"query":"{echo(text:\"` + strings.Repeat("长", 100_000) + `\")}"}`
	for name, c := range map[string]struct {
		role    viewer.Role
		chunked bool
		status  int
	}{
		"anonymous":          {viewer.Anonymous, false, http.StatusRequestEntityTooLarge},
		"anonymous, chunked": {viewer.Anonymous, true, http.StatusRequestEntityTooLarge},
		"reader":             {viewer.Reader, false, http.StatusRequestEntityTooLarge},
		"editor":             {viewer.Editor, false, http.StatusOK},
		"editor, chunked":    {viewer.Editor, true, http.StatusOK},
	} {
		body := &counter{Reader: strings.NewReader(long)}
		r := postJSON("/", "")
		r.Body, r.ContentLength = io.NopCloser(body), int64(len(long))
		if c.chunked {
			r.ContentLength = -1
		}
		w := serve(h, r.WithContext(viewer.With(r.Context(), viewer.Viewer{Role: c.role})))
		if w.Code != c.status {
			t.Errorf("%s: %d %.200s", name, w.Code, w.Body)
		}
		if c.status != http.StatusOK && (body.n > 257<<10 || w.Header().Get("Connection") != "close") {
			t.Errorf("%s: read on, %d bytes, Connection: %s", name, body.n, w.Header().Get("Connection"))
		}
	}
}

// counter counts what is read.
type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	const ask = `{"query":"{__schema{types{name}} __type(name:\"Site\"){name} site{name}}"}`
	closed := decode(t, serve(portal(graphqlhttp.Options{}), postJSON("/", ask)).Body.Bytes())
	if len(closed.Errors) != 1 || closed.Errors[0].Extensions.Code != "FORBIDDEN" || !strings.Contains(string(closed.Data), `"__type":null,"site":{"name"`) {
		t.Errorf("off: %+v %s", closed.Errors, closed.Data)
	}
	open := decode(t, serve(portal(graphqlhttp.Options{Introspection: true}), postJSON("/", ask)).Body.Bytes())
	if len(open.Errors) > 0 || !strings.Contains(string(open.Data), `"__type":{"name":"Site"`) {
		t.Errorf("on: %+v %s", open.Errors, open.Data)
	}
}

// TestSuggestions keeps the names of the schema from clients that may not read it.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	closed, open := portal(graphqlhttp.Options{}), portal(graphqlhttp.Options{Introspection: true})
	for _, query := range []string{
		`{sites{name}}`, `{site}`, `{articles(firs:1){totalCount}}`, `{site{...on Sit{name}}}`, `query($f:ArticleFilte){articles(filter:$f){totalCount}}`,
		`{articles(filter:{ta:1}){totalCount}}`, `{articles(orderBy:NEWES){totalCount}}`, `{articles(orderBy:"NEWES"){totalCount}}`, `{site{name @skp(if:true)}}`,
	} {
		body := `{"query":"` + strings.ReplaceAll(query, `"`, `\"`) + `"}`
		w := serve(closed, postJSON("/", body))
		if len(decode(t, w.Body.Bytes()).Errors) == 0 || strings.Contains(w.Body.String(), "Did you mean") {
			t.Errorf("%s: %s", query, w.Body)
		}
	}
	if w := serve(open, postJSON("/", `{"query":"{sites{name}}"}`)); !strings.Contains(w.Body.String(), "Did you mean") {
		t.Errorf("with introspection: %s", w.Body)
	}
}

func TestLimitsAndPricesAreSettings(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{
		Limits: querycost.Limits{Price: 10},
		Prices: querycost.Prices{Base: map[string]int64{"Query.site": 11}, Most: map[string]int{"Mutation.rename": 1}},
	})
	got := decode(t, serve(h, postJSON("/", `{"query":"{site{name}}"}`)).Body.Bytes())
	if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "TOO_EXPENSIVE" || !strings.Contains(got.Errors[0].Message, "costs 12 points, and at most 10") {
		t.Errorf("%+v", got.Errors)
	}
	if string(got.Extensions["cost"]) != `{"price":12,"limit":10,"nodes":1}` {
		t.Errorf("cost: %s", got.Extensions["cost"])
	}
	got = decode(t, serve(h, postJSON("/", `{"query":"mutation{a:rename(name:\"x\"){name} b:rename(name:\"y\"){name}}"}`)).Body.Bytes())
	if len(got.Errors) != 1 || got.Data != nil {
		t.Errorf("two writes: %+v %s", got.Errors, got.Data)
	}
}

// panicking is an extension that panics.
type panicking struct{}

func (panicking) ExtensionName() string                   { return "Panicking" }
func (panicking) Validate(graphql.ExecutableSchema) error { return nil }
func (panicking) InterceptOperation(context.Context, graphql.OperationHandler) graphql.ResponseHandler {
	panic("secret")
}

// TestPanicOutsideOfResolvers recovers a panic of an extension.
func TestPanicOutsideOfResolvers(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{Extensions: []graphql.HandlerExtension{panicking{}}})
	w := serve(h, postJSON("/", `{"query":"{site{name}}"}`))
	got := decode(t, w.Body.Bytes())
	if w.Code != http.StatusInternalServerError || len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "INTERNAL" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestDeferIsRefused(t *testing.T) {
	t.Parallel()
	w := serve(portal(graphqlhttp.Options{}), postJSON("/", `{"query":"{site{...@defer{name}}}"}`))
	if got := decode(t, w.Body.Bytes()); len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "@defer is not supported") {
		t.Errorf("%s", w.Body)
	}
}

func TestOperationName(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	for name, ok := range map[string]bool{"A": true, "B": true, "C": false, "": false} {
		w := serve(h, postJSON("/", `{"query":"query A{site{name}} query B{site{name}}","operationName":"`+name+`"}`))
		if got := decode(t, w.Body.Bytes()); (len(got.Errors) == 0) != ok {
			t.Errorf("%q: %s", name, w.Body)
		}
	}
}

// FuzzRequest checks that no body leads to an INTERNAL error.
func FuzzRequest(f *testing.F) {
	h := portal(graphqlhttp.Options{})
	for _, attack := range attacks() {
		if len(attack.Body) < 2_000 {
			f.Add(attack.Body)
		}
	}
	f.Add(`{"query":"query($f:ArticleFilter,$i:[ID!]!){articles(filter:$f){totalCount} nodes(ids:$i){id}}","variables":{"f":{"and":[{"tag":"x"}]},"i":[1,"a"]}}`)
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, "panics") || strings.Contains(body, "roken") {
			return
		}
		w := serve(h, postJSON("/", body))
		for _, err := range decode(t, w.Body.Bytes()).Errors {
			if err.Extensions.Code == "INTERNAL" {
				t.Errorf("%q: %s", body, w.Body)
			}
		}
	})
}
