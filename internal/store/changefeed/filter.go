package changefeed

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// ItemType is the GraphQL type of what changed, such as Article.
type ItemType string

// The types of items.
const (
	Article   ItemType = "Article"
	Category  ItemType = "Category"
	Comment   ItemType = "Comment"
	Publisher ItemType = "Publisher"
	Region    ItemType = "Region"
)

// MarshalGQL writes the GraphQL enum value.
func (t ItemType) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, strconv.Quote(strings.ToUpper(string(t))))
}

// UnmarshalGQL reads the GraphQL enum value.
func (t *ItemType) UnmarshalGQL(v any) error {
	name, _ := v.(string)
	for _, known := range []ItemType{Article, Category, Comment, Publisher, Region} {
		if name == strings.ToUpper(string(known)) {
			*t = known
			return nil
		}
	}
	return fmt.Errorf("%.40q is not the type of an item", name)
}

// MarshalGQL writes the GraphQL enum value.
func (k Kind) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(k))) }

// UnmarshalGQL reads the GraphQL enum value; no input has one.
func (k *Kind) UnmarshalGQL(v any) error {
	name, _ := v.(string)
	*k = Kind(name)
	return nil
}

// Filter selects changes; see ChangeFilter in the schema. Category, Region and Terminal
// concern articles and comments only.
type Filter struct {
	Types            []ItemType
	Category, Region *string
	Terminal         *terminal.Terminal
}

// Check returns an error if f names something that cannot be an id.
func (f Filter) Check() error {
	for _, c := range []struct {
		field string
		id    *string
		kind  typeid.Kind
	}{{"category", f.Category, typeid.Category}, {"region", f.Region, typeid.Region}} {
		if c.id != nil && !typeid.Is(c.kind, *c.id) {
			return fault.New(fault.BadUserInput, "filter.%s: %.40q is not the id of a %s", c.field, *c.id, c.field)
		}
	}
	return nil
}

// scope returns the scope of cursors: they are valid for this filter only.
func (f Filter) scope() string {
	types := slices.Clone(f.Types)
	slices.Sort(types)
	f.Types = slices.Compact(types)
	text, _ := json.Marshal(f) // strings and a terminal always marshal
	return "changes" + string(text)
}

// wants reports whether f selects items of the type.
func (f Filter) wants(itemType string) bool {
	return len(f.Types) == 0 || slices.Contains(f.Types, ItemType(itemType))
}

// everywhere reports whether f selects items of every placement.
func (f Filter) everywhere() bool { return f.Category == nil && f.Region == nil && f.Terminal == nil }

// matches reports whether an item with placement p matches f.
func (f Filter) matches(p placement) bool { return f.mismatch(p) == "" }

// mismatch returns what of p does not match f; empty if all does.
func (f Filter) mismatch(p placement) string {
	switch {
	case f.Category != nil && !slices.Contains(p.path, *f.Category):
		return "the category"
	case f.Region != nil && p.region != *f.Region:
		return "the region"
	case f.Terminal != nil && !p.terminals.Has(*f.Terminal):
		return "the terminals"
	}
	return ""
}

// hasPlacement reports whether items of the type have a placement: a comment has that of
// its article.
func hasPlacement(itemType string) bool {
	return itemType == string(Article) || itemType == string(Comment)
}
