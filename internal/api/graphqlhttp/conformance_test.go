package graphqlhttp_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
)

const (
	plain = "application/json"
	newer = "application/graphql-response+json"

	namedType = `query Type($name: String!) { __type(name: $name) { name } }`
	noField   = `{ 8f31403dfe404bccbb0e835f2629c6a7 }`
	coercion  = `{"query":"query CoerceFailure($id: ID!){ __typename }","variables":{"id":null}}`
	typename  = `{"query":"{ __typename }"}`
)

// check is one row of the audit: a request and the expected response. The IDs are those of
// npm's graphql-http audit, which testdata/audit runs.
type check struct {
	id     string
	accept string
	body   string     // of a POST; empty without params: none
	params url.Values // of a GET
	typ    string     // Content-Type of a POST; "-" is none
	status int
	media  string // of the response
	clean  bool   // the response has no errors
	noData bool   // the response has no data entry
}

// TestConformance checks the endpoint against GraphQL over HTTP, with introspection and
// without.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, introspection := range map[string]bool{"open": true, "closed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(portal(graphqlhttp.Options{Introspection: introspection}))
			defer server.Close()
			checks := append(mediaChecks(), append(parameterChecks(), failureChecks()...)...)
			for _, c := range checks {
				c.run(t, server.URL)
			}
		})
	}
}

func mediaChecks() []check {
	return []check{
		{id: "22EB", accept: newer, body: typename, status: 200, media: newer},
		{id: "4655", accept: plain, body: typename, status: 200, media: plain},
		{id: "47DE", accept: "*/*", body: typename, status: 200, media: plain},
		{id: "80D8", body: typename, status: 200, media: plain},
		{id: "82A3", body: typename, status: 200},
		{id: "BF61", typ: "application/json; charset=utf-8", body: `{"query":"{ __type(name: \"Run🏃Swim🏊\") { name } }"}`, status: 200},
		{id: "78D5", body: typename, status: 200},
		{id: "2C94", body: typename, status: 200},
		{id: "5A70", params: url.Values{"query": {"{ __typename }"}}, status: 200},
		{id: "9C48", accept: newer, params: url.Values{"query": {"mutation { __typename }"}}, status: 405},
		{id: "9ABE", typ: "-", body: typename, status: 415},
		{id: "9ABE text", typ: "text/plain;charset=UTF-8", body: typename, status: 415},
		{id: "03D4", body: typename, status: 200},
	}
}

func parameterChecks() []check {
	checks := []check{
		{id: "A5BF", status: 400},
		{id: "423L", accept: newer, body: `{"notquery":"{ __typename }"}`, status: 400},
		{id: "34A2", accept: newer, body: typename, status: 200},
		{id: "13EE", accept: plain, body: typename, status: 200, clean: true},
		{id: "8161", accept: newer, body: `{"operationName":"Query","query":"query Query { __typename }"}`, status: 200},
		{id: "B8B3", accept: plain, body: `{"operationName":"Query","query":"query Query { __typename }"}`, status: 200, clean: true},
		{id: "2EA1", accept: newer, body: `{"query":"` + namedType + `","variables":{"name":"sometype"}}`, status: 200},
		{id: "28B9", accept: plain, body: `{"query":"` + namedType + `","variables":{"name":"sometype"}}`, status: 200, clean: true},
		{id: "D6D5", accept: newer, params: url.Values{"query": {namedType}, "variables": {`{"name":"sometype"}`}}, status: 200, clean: true},
		{id: "6A70", accept: plain, params: url.Values{"query": {namedType}, "variables": {`{"name":"sometype"}`}}, status: 200, clean: true},
		{id: "428F", accept: newer, body: `{"query":"{ __typename }","extensions":{"some":"value"}}`, status: 200},
		{id: "1B7A", accept: plain, body: `{"query":"{ __typename }","extensions":{"some":"value"}}`, status: 200, clean: true},
	}
	for i, name := range []string{"variables", "operationName", "extensions"} {
		body := `{"query":"{ __typename }","` + name + `":null}`
		digit := string(rune('0' + i))
		checks = append(checks,
			check{id: "94B" + digit, accept: newer, body: body, status: 200, clean: true},
			check{id: "022" + digit, accept: plain, body: body, status: 200, clean: true})
	}
	for i := range 4 {
		digit := string(rune('0' + i))
		notString := []string{`{"obj":"ect"}`, `0`, `false`, `["array"]`}[i]
		notMap := []string{`"string"`, `0`, `false`, `["array"]`}[i]
		checks = append(checks,
			check{id: "LKJ" + digit, body: `{"query":` + notString + `}`, status: 400},
			check{id: "6C0" + digit, body: `{"query":"{ __typename }","operationName":` + notString + `}`, status: 400},
			check{id: "476" + digit, body: `{"query":"{ __typename }","variables":` + notMap + `}`, status: 400},
			check{id: "58B" + digit, body: `{"query":"{ __typename }","extensions":` + notMap + `}`, status: 400})
	}
	return checks
}

// failureChecks expects 200 with the older media type and 400 with the newer one for a
// well-formed request that fails.
func failureChecks() []check {
	return []check{
		{id: "B6DC, BCF8", accept: plain, body: `{ "not a JSON`, status: 400},
		{id: "B7N8", accept: newer, body: `{ "not a JSON`, status: 400},
		{id: "8764, 3E3A", body: `{"qeury":"{ __typename }"}`, status: 400},
		{id: "572B", accept: plain, body: `{"query":"{"}`, status: 200, noData: true},
		{id: "FDE2", accept: plain, body: `{"query":"` + noField + `"}`, status: 200, noData: true},
		{id: "7B9B", accept: plain, body: coercion, status: 200, noData: true},
		{id: "865D, 556A, D586", accept: newer, body: `{"query":"{"}`, status: 400, noData: true},
		{id: "51FE, 74FF, 5E5B", accept: newer, body: `{"query":"` + noField + `"}`, status: 400, noData: true},
		{id: "86EE", accept: newer, body: coercion, status: 400, noData: true},
	}
}

func (c check) run(t *testing.T, address string) {
	t.Helper()
	response, err := http.DefaultClient.Do(c.request(t, address))
	if err != nil {
		t.Errorf("%s: %v", c.id, err)
		return
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || !utf8.Valid(text) {
		t.Errorf("%s: %v %q", c.id, err, text)
	}
	if response.StatusCode != c.status {
		t.Errorf("%s: status %d, want %d: %s", c.id, response.StatusCode, c.status, text)
	}
	if got := response.Header.Get("Content-Type"); !strings.HasPrefix(got, c.media) {
		t.Errorf("%s: Content-Type %q, want %q", c.id, got, c.media)
	}
	entries := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &entries); err != nil {
		t.Errorf("%s: %v: %s", c.id, err, text)
	}
	if c.clean && entries["errors"] != nil {
		t.Errorf("%s: errors: %s", c.id, text)
	}
	if _, ok := entries["data"]; ok && (c.noData || response.StatusCode >= 400) {
		t.Errorf("%s: data: %s", c.id, text)
	}
}

func (c check) request(t *testing.T, address string) *http.Request {
	t.Helper()
	method, body := http.MethodPost, io.Reader(strings.NewReader(c.body))
	if c.params != nil {
		method, body, address = http.MethodGet, nil, address+"?"+c.params.Encode()
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case c.typ == "" && method == http.MethodPost:
		r.Header.Set("Content-Type", plain)
	case c.typ != "" && c.typ != "-":
		r.Header.Set("Content-Type", c.typ)
	}
	if c.accept != "" {
		r.Header.Set("Accept", c.accept)
	}
	return r
}
