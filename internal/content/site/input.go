package site

import "github.com/tonggao/tonggao/internal/foundation/terminal"

// UpdateInput changes the site's facts; what is nil stays.
type UpdateInput struct {
	Name, Contact, Copyright, ICPNumber, Disclaimer *string
	URLs                                            []URLInput
	CommentsOff                                     []terminal.Terminal
	ReportWorkingDays                               *int
	CommentsTrustedAfter                            *int
}

// URLInput is the address of an article on one terminal.
type URLInput struct {
	Terminal terminal.Terminal
	Template string
}
