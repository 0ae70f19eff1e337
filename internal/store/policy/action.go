package policy

import (
	"context"
	"slices"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Action is something that only some roles may do.
type Action string

// The actions. What a role may see is decided by the rules of this package on every
// query; an action is what it may do, or may see all of.
const (
	WriteArticles    Action = "write articles" // a publisher: its own
	UploadPictures   Action = "upload pictures"
	ListPictures     Action = "list pictures"
	ReadWithheld     Action = "read withheld pictures" // of articles that are taken down
	WriteCategories  Action = "write categories"
	WriteRegions     Action = "write regions"
	WritePublishers  Action = "write publishers"
	UpdateSite       Action = "update the site"
	ModerateComments Action = "moderate comments"
	ReadReports      Action = "read reports"
	ReviewReports    Action = "review reports"
	CounterReports   Action = "counter reports" // on its own articles
	TakeDown         Action = "take down"
	Reveal           Action = "reveal personal data"
	WriteWordLists   Action = "write word lists"
	ReadChanges      Action = "read the change feed"
	ManageWebhooks   Action = "manage webhooks"
	OwnPersonalData  Action = "export and erase one's own data"
	EarnTrust        Action = "earn trust by approved comments"
	SkipCaptcha      Action = "write without a captcha"
	SkipWriteLimit   Action = "write without the limit for the public"
	SendLargeBodies  Action = "send large requests"
)

// actions is the one table of who may do what.
var actions = map[Action][]viewer.Role{
	WriteArticles:    {viewer.Publisher, viewer.Editor, viewer.Admin, viewer.System},
	UploadPictures:   {viewer.Publisher, viewer.Editor, viewer.Admin, viewer.System},
	ListPictures:     {viewer.Publisher, viewer.Editor, viewer.Moderator, viewer.Admin, viewer.System},
	ReadWithheld:     staff,
	WriteCategories:  editors,
	WriteRegions:     editors,
	WritePublishers:  editors,
	UpdateSite:       {viewer.Admin, viewer.System},
	ModerateComments: moderators,
	ReadReports:      moderators,
	ReviewReports:    moderators,
	CounterReports:   {viewer.Publisher},
	TakeDown:         moderators,
	Reveal:           moderators,
	WriteWordLists:   moderators,
	ReadChanges:      {viewer.Integrator, viewer.Editor, viewer.Moderator, viewer.Admin, viewer.System},
	ManageWebhooks:   {viewer.Integrator, viewer.Admin, viewer.System},
	OwnPersonalData:  {viewer.Reader},
	EarnTrust:        {viewer.Reader},
	SkipCaptcha:      {viewer.Reader, viewer.Publisher, viewer.Editor, viewer.Moderator, viewer.Integrator, viewer.Admin, viewer.System},
	SkipWriteLimit:   {viewer.Publisher, viewer.Editor, viewer.Moderator, viewer.Integrator, viewer.Admin, viewer.System},
	SendLargeBodies:  {viewer.Publisher, viewer.Editor, viewer.Admin, viewer.System},
}

// Actions returns every action, sorted by name.
func Actions() []Action {
	var list []Action
	for a := range actions {
		list = append(list, a)
	}
	slices.Sort(list)
	return list
}

// Allows reports whether the viewer of ctx may do a. A publisher's token that names no
// publisher, and a reader's that has no id, may do nothing.
func Allows(ctx context.Context, a Action) bool { return allows(viewer.From(ctx), a) }

func allows(v viewer.Viewer, a Action) bool {
	if !v.Is(actions[a]...) {
		return false
	}
	switch v.Role {
	case viewer.Publisher:
		return v.Publisher != ""
	case viewer.Reader:
		return v.TokenID != ""
	}
	return true
}

// Require returns an error unless the viewer of ctx may do a: UNAUTHENTICATED without a
// token, FORBIDDEN with one.
func Require(ctx context.Context, a Action) error {
	if v := viewer.From(ctx); !allows(v, a) {
		return Denied(v)
	}
	return nil
}

// RequireOwner returns an error unless the viewer of ctx may do a to what belongs to
// the publisher: a publisher's token acts on its own publisher only, others on all.
func RequireOwner(ctx context.Context, a Action, publisher string) error {
	v := viewer.From(ctx)
	if !allows(v, a) || v.Is(viewer.Publisher) && v.Publisher != publisher {
		return Denied(v)
	}
	return nil
}

// OwnPublisher returns the publisher that the viewer of ctx acts for; "" if it is not
// bound to one.
func OwnPublisher(ctx context.Context) string {
	if v := viewer.From(ctx); v.Is(viewer.Publisher) {
		return v.Publisher
	}
	return ""
}

// AsIntegrator returns ctx with a viewer that sees what an integrator sees. Webhooks
// deliver with it.
func AsIntegrator(ctx context.Context) context.Context {
	return viewer.With(ctx, viewer.Viewer{Role: viewer.Integrator})
}

// Denied returns the error for v doing what it may not.
func Denied(v viewer.Viewer) error {
	if v.Is(viewer.Anonymous) {
		return fault.New(fault.Unauthenticated, "this needs a token: send it as `Authorization: Bearer TOKEN`")
	}
	return fault.New(fault.Forbidden, "a token with the role %s may not do this", v.Role)
}
