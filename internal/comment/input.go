package comment

import "github.com/tonggao/tonggao/ent/comment"

// Filter says which comments; see CommentFilter in the schema.
type Filter struct {
	Status  *comment.Status
	Article *string
}

// AddInput is a new comment.
type AddInput struct {
	Article    string
	Text       string
	AuthorName *string
	Parent     *string
}

// ModerateInput is a decision on a comment.
type ModerateInput struct {
	Comment string
	Status  comment.Status
	Reason  *string
}
