package comment

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/page"
)

// Connection is a page of comments.
type Connection = page.Connection[*ent.Comment]

// Edge is a comment in a list.
type Edge = page.Edge[*ent.Comment]
