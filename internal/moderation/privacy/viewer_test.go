package privacy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestPersonalDataOverGraphQL checks that a reader reads and erases its own data.
func TestPersonalDataOverGraphQL(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		secret, row, err := n.Tokens.Create(system, token.CreateInput{Role: viewer.Reader, Name: "老邱"})
		check.NoError(t, err)
		n.reader = row.ID
		n.Advance(5 * time.Second)
		said := n.comments("软食食谱已收藏。", nil)

		const kept = `{ viewer { personalData } }`
		if text := n.Ask(secret, kept, nil).Body; !strings.Contains(text, "软食食谱已收藏。") || !strings.Contains(text, "老邱") || !strings.Contains(text, said.ID) {
			t.Errorf("the reader is shown %s", text)
		}
		for _, role := range []viewer.Role{viewer.Anonymous, viewer.Editor, viewer.Admin} {
			if text := n.Ask(n.Token(role, ""), kept, nil).Body; !strings.Contains(text, `"personalData":null`) {
				t.Errorf("%s is shown %s", role, text)
			}
			if a := n.Ask(n.Token(role, ""), `mutation { eraseMyself(input: { sure: true }) { erased } }`, nil); a.Code() != "FORBIDDEN" && a.Code() != "UNAUTHENTICATED" {
				t.Errorf("%s: %s", role, a.Body)
			}
		}
		if a := n.Ask(secret, `mutation { eraseMyself(input: { sure: false }) { erased userErrors { code field } } }`, nil); !strings.Contains(a.Body, `"REQUIRED"`) {
			t.Error(a.Body)
		}
		if a := n.Ask(secret, `mutation { eraseMyself(input: { sure: true }) { erased held userErrors { code } } }`, nil); !strings.Contains(a.Body, `{"erased":1,"held":[],"userErrors":[]}`) {
			t.Error(a.Body)
		}
		if a := n.Ask(secret, kept, nil); a.Code() != "UNAUTHENTICATED" {
			t.Errorf("afterwards: %s", a.Body)
		}
		if text := n.Ask("", `query ($id: ID!) { article(id: $id) { commentCount comments { edges { node { text } } } } }`, map[string]any{"id": n.article.ID}).Body; strings.Contains(text, "食谱") || !strings.Contains(text, `"commentCount":0`) {
			t.Errorf("the public sees %s", text)
		}
	})
}
