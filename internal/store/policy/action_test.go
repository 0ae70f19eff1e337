package policy_test

import (
	"context"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// TestActions writes the table of roles down a second time, by role: a change of rights is
// a change of two places, one of which is a test.
func TestActions(t *testing.T) {
	t.Parallel()
	const everything = "every action"
	allowed := map[viewer.Role][]policy.Action{
		viewer.Anonymous: nil,
		viewer.Reader:    {policy.OwnPersonalData, policy.EarnTrust, policy.SkipCaptcha},
		viewer.Publisher: {policy.WriteArticles, policy.UploadPictures, policy.ListPictures, policy.CounterReports, policy.SkipCaptcha,
			policy.SkipPublicLimits, policy.SendLargeBodies},
		viewer.Editor: {policy.WriteArticles, policy.UploadPictures, policy.ListPictures, policy.ReadAllArticles, policy.ReadAllNames, policy.ReadWithheld,
			policy.WriteCategories, policy.WriteRegions, policy.WritePublishers, policy.ReadChanges, policy.SkipCaptcha, policy.SkipPublicLimits, policy.SendLargeBodies},
		viewer.Moderator: {policy.ListPictures, policy.ReadAllArticles, policy.ReadAllComments, policy.ReadAllNames, policy.ReadWithheld, policy.ModerateComments,
			policy.ReadReports, policy.ReviewReports, policy.TakeDown, policy.Reveal, policy.WriteWordLists, policy.ReadChanges, policy.SkipCaptcha, policy.SkipPublicLimits},
		viewer.Integrator: {policy.ReadChanges, policy.ManageWebhooks, policy.SkipCaptcha, policy.SkipPublicLimits},
		viewer.Admin:      {everything},
		viewer.System:     {everything},
	}
	personal := map[policy.Action]bool{policy.OwnPersonalData: true, policy.EarnTrust: true, policy.CounterReports: true} // of one role alone
	for role, list := range allowed {
		want := map[policy.Action]bool{}
		for _, a := range list {
			want[a] = true
		}
		for _, a := range policy.Actions() {
			ctx := portal{public: "pub_1"}.as(role)
			may := want[a] || want[everything] && !personal[a]
			if got := policy.Allows(ctx, a); got != may {
				t.Errorf("%s may %s: %t, want %t", role, a, got, may)
			}
			code := fault.CodeOf(policy.Require(ctx, a))
			switch err := policy.Require(ctx, a); {
			case may && err != nil:
				t.Errorf("%s, %s: %v", role, a, err)
			case !may && role == viewer.Anonymous && code != fault.Unauthenticated, !may && role != viewer.Anonymous && code != fault.Forbidden:
				t.Errorf("%s, %s: %v", role, a, err)
			}
		}
	}
}

// TestActionsOfUnboundTokens: a publisher's token that names no publisher and a reader's
// without an id may do nothing at all.
func TestActionsOfUnboundTokens(t *testing.T) {
	t.Parallel()
	for _, v := range []viewer.Viewer{{Role: viewer.Publisher, TokenID: "tok_1"}, {Role: viewer.Reader}} {
		for _, a := range policy.Actions() {
			if policy.Allows(viewer.With(context.Background(), v), a) {
				t.Errorf("an unbound token of the role %s may %s", v.Role, a)
			}
		}
	}
}

func TestRequireOwner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role  viewer.Role
		owner string
		code  fault.Code
	}{
		{viewer.Publisher, "pub_1", ""}, {viewer.Publisher, "pub_2", fault.Forbidden}, {viewer.Publisher, "", fault.Forbidden},
		{viewer.Editor, "pub_2", ""}, {viewer.Moderator, "pub_1", fault.Forbidden}, {viewer.Anonymous, "pub_1", fault.Unauthenticated},
	} {
		err := policy.RequireOwner(portal{public: "pub_1"}.as(c.role), policy.WriteArticles, c.owner)
		if (err != nil) != (c.code != "") || err != nil && fault.CodeOf(err) != c.code {
			t.Errorf("%s writes for %q: %v", c.role, c.owner, err)
		}
	}
	if own := policy.OwnPublisher(portal{public: "pub_1"}.as(viewer.Editor)); own != "" {
		t.Errorf("an editor acts for %q", own)
	}
	if own := policy.OwnPublisher(portal{public: "pub_1"}.as(viewer.Publisher)); own != "pub_1" {
		t.Errorf("a publisher acts for %q", own)
	}
}
