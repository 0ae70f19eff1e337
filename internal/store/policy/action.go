package policy

import (
	"context"
	"slices"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Action is something that only some roles may do.
type Action string

// The actions: what a role may do, or may see all of. Which single rows it may see is
// decided on every query by the rules of read.go.
const (
	ReadAllArticles  Action = "read articles in every state"     // their revisions, takedowns and pictures too
	ReadAllComments  Action = "read comments in every state"     // and what the checks found in them
	ReadAllNames     Action = "read names of private publishers" // a publisher: its own
	ReadAllWebhooks  Action = "read the webhooks of every token" // an integrator: its own
	ReadAudit        Action = "read the audit log"
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
	SkipPublicLimits Action = "read and write without the limits for the public"
	SendLargeBodies  Action = "send large requests"
)

// actions is the one table of who may do what.
var actions = map[Action][]viewer.Role{
	ReadAllArticles:  staff,
	ReadAllComments:  moderators,
	ReadAllNames:     staff,
	ReadAllWebhooks:  admins,
	ReadAudit:        admins,
	WriteArticles:    {viewer.Publisher, viewer.Editor, viewer.Admin, viewer.System},
	UploadPictures:   {viewer.Publisher, viewer.Editor, viewer.Admin, viewer.System},
	ListPictures:     {viewer.Publisher, viewer.Editor, viewer.Moderator, viewer.Admin, viewer.System},
	ReadWithheld:     staff,
	WriteCategories:  editors,
	WriteRegions:     editors,
	WritePublishers:  editors,
	UpdateSite:       admins,
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
	SkipPublicLimits: {viewer.Publisher, viewer.Editor, viewer.Moderator, viewer.Integrator, viewer.Admin, viewer.System},
	SendLargeBodies:  {viewer.Publisher, viewer.Editor, viewer.Admin, viewer.System},
}

// Roles that many actions share.
var (
	staff      = []viewer.Role{viewer.Editor, viewer.Moderator, viewer.Admin, viewer.System}
	editors    = []viewer.Role{viewer.Editor, viewer.Admin, viewer.System}
	moderators = []viewer.Role{viewer.Moderator, viewer.Admin, viewer.System}
	admins     = []viewer.Role{viewer.Admin, viewer.System}
)

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
		return denied(v, a)
	}
	return nil
}

// RequireOwner returns an error unless the viewer of ctx may do a to what belongs to
// the publisher: a publisher's token acts on its own publisher only, others on all.
func RequireOwner(ctx context.Context, a Action, publisher string) error {
	v := viewer.From(ctx)
	if !allows(v, a) || v.Is(viewer.Publisher) && v.Publisher != publisher {
		return denied(v, a)
	}
	return nil
}

// OwnPublisher returns the publisher that the viewer of ctx acts for; "" if it is not
// bound to one.
func OwnPublisher(ctx context.Context) string { return publisherOf(viewer.From(ctx)) }

func publisherOf(v viewer.Viewer) string {
	if v.Is(viewer.Publisher) {
		return v.Publisher
	}
	return ""
}

// AsIntegrator returns ctx with a viewer that sees what an integrator sees. Webhooks
// deliver with it.
func AsIntegrator(ctx context.Context) context.Context {
	return viewer.With(ctx, viewer.Viewer{Role: viewer.Integrator})
}

// Denied returns the error for v doing something that its role may not do.
func Denied(v viewer.Viewer) error { return denied(v, "") }

// denied names the action where only one role other than the staff has it.
func denied(v viewer.Viewer, a Action) error {
	switch {
	case v.Is(viewer.Anonymous) && a == ReadChanges:
		return fault.New(fault.Unauthenticated, "the change log needs a token: send it as `Authorization: Bearer TOKEN`; `tonggao token create --role INTEGRATOR` makes one")
	case v.Is(viewer.Anonymous):
		return fault.New(fault.Unauthenticated, "this needs a token: send it as `Authorization: Bearer TOKEN`")
	case a == ReadChanges:
		return fault.New(fault.Forbidden, "a token with the role %s may not read the change log; ask the operator for one with the role INTEGRATOR", v.Role)
	}
	return fault.New(fault.Forbidden, "a token with the role %s may not do this", v.Role)
}
