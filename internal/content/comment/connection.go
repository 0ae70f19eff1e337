package comment

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Connection is a page of comments.
type Connection = pagination.Connection[*ent.Comment]

// Edge is a comment in a list.
type Edge = pagination.Edge[*ent.Comment]
