package explorer_test

import (
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestProgram opens the explorer of the whole program: it shows the first query and its result,
// and sends requests to the program only.
func TestProgram(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	top := p.Category("行业新闻", "news", nil)
	leaf := p.Category("行业动态", "industry", top)
	p.Many(3, 0, []*ent.Category{leaf}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})

	b := browsertest.Start(t)
	b.Viewport(1280, 800)
	b.Open(p.URL + "/")
	b.Wait(".graphiql-execute-button")
	b.WaitText(".graphiql-query-editor", "articles(first: 3)")
	b.Click(".graphiql-execute-button")
	b.WaitText(".graphiql-response", "第0篇:养老服务走进院子")
	b.WaitText(".graphiql-response", "青禾养老网编辑部")
	b.AssertClean(p.URL)
}
