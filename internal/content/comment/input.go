package comment

import (
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/token"
)

// Filter selects comments; see CommentFilter in the schema.
type Filter struct {
	Status  *comment.Status
	Article *string
}

// AddInput describes a new comment.
type AddInput struct {
	Article    string
	Text       string
	AuthorName *string
	Parent     *string
	Quote      *string

	IdempotencyKey *string
	Website        *string // a trap for programs: people do not see the field
	WechatCode     *string // of wx.login
	Captcha        *string // the solution; required where the operator configured one
}

// EditInput changes the text of a comment of one's own.
type EditInput struct {
	Comment    string
	Text       string
	WechatCode *string
}

// BulkInput is one decision on several comments.
type BulkInput struct {
	Comments []string
	Status   comment.Status
	Reason   *string
}

// TrustInput sets whether the comments of the author of one wait.
type TrustInput struct {
	Comment string
	Trust   token.Trust
}

// ModerateInput is a decision on a comment.
type ModerateInput struct {
	Comment string
	Status  comment.Status
	Reason  *string
}
