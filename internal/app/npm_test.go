package app_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// The clients as published on npm: graphql-ws 6.4.2, graphql-sse 2.6.1.
var (
	//go:embed testdata/npm/graphql-ws.min.js
	graphqlWS string
	//go:embed testdata/npm/graphql-sse.min.js
	graphqlSSE string
)

// TestNpmClients subscribes to the change log with npm's graphql-ws and graphql-sse, unchanged
// and on a page of another origin: what is logged already, what happens, and from a cursor.
func TestNpmClients(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!doctype html><title>site</title><p>another site</p>"))
	}))
	t.Cleanup(site.Close)
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Origins = []string{site.URL} })
	first := p.Category("行业新闻", "news", nil)
	token := p.Token(viewer.Integrator, "")
	b := browsertest.Start(t)
	b.Open(site.URL) // whose pages may call
	b.Evaluate(fmt.Sprintf("(()=>{%s})();(()=>{%s})();0", "var exports,module,define;"+graphqlWS, "var exports,module,define;"+graphqlSSE), nil)
	b.Evaluate(fmt.Sprintf(`window.received = {ws: [], sse: [], ended: []};
		window.query = %q; window.endpoint = %q;
		window.follow = (name, client, after) => client.subscribe({query, variables: {after}}, {
			next: m => received[name].push(m.data ? m.data.changes : m),
			error: e => received.ended.push(name + " error " + JSON.stringify(e)),
			complete: () => received.ended.push(name + " complete"),
		});
		window.ws = graphqlWs.createClient({url: endpoint.replace("http", "ws"), connectionParams: {Authorization: "Bearer %s"}});
		window.sse = graphqlSse.createClient({url: endpoint, headers: {Authorization: "Bearer %s"}});
		window.stop = [follow("ws", ws), follow("sse", sse)]; 0`, `subscription($after: Cursor) { changes(after: $after) { cursor node { kind itemId itemType item } } }`, p.URL+"/graphql", token, token), nil)
	each := func(n int, id string) string {
		return fmt.Sprintf(`["ws", "sse"].every(c => received[c].length == %d && received[c][%d].node.itemId == %q)`, n, n-1, id)
	}
	b.Until(each(1, first.ID))
	second := p.Category("政策法规", "policy", nil)
	b.Until(each(2, second.ID))
	b.Evaluate(`stop.forEach(f => f()); 0`, nil)
	b.Until(`received.ended.length == 2 && received.ended.every(e => e.endsWith("complete"))`)
	b.Evaluate(`window.from = received.ws[0].cursor; received.ws = []; received.sse = []; follow("ws", ws, from); follow("sse", sse, from); 0`, nil)
	b.Until(each(1, second.ID))
}
