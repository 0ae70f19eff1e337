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

// ItemType is the kind of thing that changed: the GraphQL type, such as Article.
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

// Filter says which changes; see ChangeFilter in the schema. The places are about
// articles and comments only.
type Filter struct {
	Types            []ItemType
	Category, Region *string
	Terminal         *terminal.Terminal
}

// Check says what is wrong with f.
func (f Filter) Check() error {
	for _, place := range []struct {
		field string
		id    *string
		kind  typeid.Kind
	}{{"category", f.Category, typeid.Category}, {"region", f.Region, typeid.Region}} {
		if place.id != nil && !typeid.Is(place.kind, *place.id) {
			return fault.New(fault.BadUserInput, "filter.%s: %.40q is not the id of a %s", place.field, *place.id, place.field)
		}
	}
	return nil
}

// scope is what a cursor is good for.
func (f Filter) scope() string {
	types := slices.Clone(f.Types)
	slices.Sort(types)
	f.Types = slices.Compact(types)
	text, _ := json.Marshal(f) // strings and a terminal always marshal
	return "changes" + string(text)
}

func (f Filter) wants(itemType string) bool {
	return len(f.Types) == 0 || slices.Contains(f.Types, ItemType(itemType))
}

// everywhere reports whether f lets things through wherever they stand.
func (f Filter) everywhere() bool { return f.Category == nil && f.Region == nil && f.Terminal == nil }

// holds reports whether what stands at s meets f.
func (f Filter) holds(s placement) bool { return f.misses(s) == "" }

// misses says in what a place does not meet f.
func (f Filter) misses(s placement) string {
	switch {
	case f.Category != nil && !slices.Contains(s.path, *f.Category):
		return "the category"
	case f.Region != nil && s.region != *f.Region:
		return "the region"
	case f.Terminal != nil && !s.terminals.Has(*f.Terminal):
		return "the terminals"
	}
	return ""
}

// placeBound reports whether the filter's places are about things of this type.
func placeBound(itemType string) bool {
	return itemType == string(Article) || itemType == string(Comment)
}
