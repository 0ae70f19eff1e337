package graph_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestDefaultArguments writes with inputs whose numbers are left to the schema's defaults.
func TestDefaultArguments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		var got struct {
			CreateCategory struct{ Category struct{ Position int } }
			CreateRegion   struct{ Region struct{ Position int } }
		}
		p.MustAsk(p.Token(viewer.Editor, ""), `mutation {
			createCategory(input: { name: "养老服务" }) { category { position } }
			createRegion(input: { name: "云渡" }) { region { position } }
		}`, nil, &got)
		if got.CreateCategory.Category.Position != 0 || got.CreateRegion.Region.Position != 0 {
			t.Errorf("%+v", got)
		}
	})
}
