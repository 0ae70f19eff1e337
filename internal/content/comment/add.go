package comment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/store/policy"
)

var errNoArticle = fault.New(fault.NotFound, "there is no such article, or it is not for you to see")

// operation is the scope of idempotency keys.
const operation = "addComment"

// repeatAfter is how long the same text on the same article from the same client is
// refused as a repetition.
const repeatAfter = 10 * time.Minute

// Add writes a comment on an article that the viewer can see. It is visible at once where
// its author is trusted and the content check has no objection, and waits for a moderator
// otherwise.
func (s *Service) Add(ctx context.Context, in AddInput) (*ent.Comment, error) {
	var bad fault.Invalid
	text := checkText(&bad, "text", in.Text, 1, maxText)
	author := input.Line(&bad, "authorName", value(in.AuthorName), 0, maxAuthor)
	idempotency.Check(&bad, in.IdempotencyKey)
	if err := s.checkTarget(ctx, in, &bad); err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	unsure, err := s.captcha.Check(ctx, in.Captcha, func() (bool, error) {
		return idempotency.Known(ctx, s.store.Client(ctx), operation, in.IdempotencyKey)
	}, &bad)
	if err = errors.Join(err, bad.Err()); err != nil {
		return nil, err
	}
	now, v := s.store.Clock(), viewer.From(ctx)
	id := typeid.New(typeid.Comment, now)
	found := s.checker.Check(ctx, contentcheck.Subject{Text: text, Author: author, Article: in.Article,
		Address: redact.Address(v.Address), Code: value(in.WechatCode)})
	if unsure {
		found.Action, found.Reason = max(found.Action, wordfilter.Hold), strings.TrimPrefix(found.Reason+"; captcha: did not answer", "; ")
	}
	if found.Action == wordfilter.Reject {
		return nil, errRejected
	}
	draft := ent.Comment{ID: id, ArticleID: in.Article, ParentID: in.Parent, QuoteID: in.Quote, Text: found.Masked,
		Author: optional.String(author), Status: comment.StatusPENDING, Found: optional.String(truncate(found.Reason)),
		CreatedAt: now, UpdatedAt: now, OriginAddress: v.Address, IPRegion: optional.String(s.regionOf(v.Address)), TokenID: v.TokenID}
	if value(in.Website) != "" { // spam: filled in by a program
		draft.Status, draft.Reason = comment.StatusREJECTED, "the trap for programs was filled in"
	}
	first := false
	repeated := sync.OnceValue(func() bool { // the transaction may run twice
		first = s.repeats.Take(fingerprint(v.Address, &draft), now.Time()) == 0
		return !first
	})
	w := idempotency.Write{Operation: operation, Key: in.IdempotencyKey, ID: id, At: now,
		Input: []any{in.Article, in.Parent, in.Quote, in.Text, in.AuthorName}}
	row, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Comment, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Comment, error) {
			if repeated() {
				return nil, errRepeated
			}
			row := draft
			return s.add(ctx, c, &row, found.Action == wordfilter.Hold)
		}, c.Comment.Get)
	})
	if first && err != nil && (in.IdempotencyKey != nil || !fault.Is(err, fault.OutcomeUnknown)) {
		s.repeats.Return(fingerprint(v.Address, &draft)) // the client sends it again
	}
	if store.IsReferenced(err) { // the article was deleted concurrently
		return nil, errNoArticle
	}
	if err != nil {
		return nil, err
	}
	answer := *row
	answer.OriginAddress = redact.Address(row.OriginAddress)
	if answer.Reason != "" && row.Status == comment.StatusREJECTED && !policy.Allows(ctx, policy.ModerateComments) {
		answer.Status, answer.Reason = comment.StatusPENDING, "" // a program must not learn that it was caught
	}
	return &answer, nil
}

// add writes row.
func (s *Service) add(ctx context.Context, c *ent.Client, row *ent.Comment, held bool) (*ent.Comment, error) {
	system := viewer.AsSystem(ctx)
	if err := s.lockAuthor(system, c, row.TokenID); err != nil {
		return nil, err
	}
	if row.Status == comment.StatusPENDING && !held {
		trusted, err := s.isTrusted(ctx, c)
		if err != nil {
			return nil, err
		}
		if trusted {
			row.Status = comment.StatusAPPROVED
		}
	}
	if row.Status == comment.StatusAPPROVED { // the article counts it
		if err := s.store.LockItems(ctx, c, row.ArticleID); err != nil {
			return nil, err
		}
		if visible, err := c.Article.Query().Where(article.ID(row.ArticleID)).Exist(ctx); err != nil {
			return nil, fmt.Errorf("read the article of a comment: %w", err)
		} else if !visible { // hidden since it was looked up
			return nil, errNoArticle
		}
	}
	system, ctx = noticed(system, row, comment.StatusPENDING), noticed(ctx, row, comment.StatusPENDING)
	saved, err := c.Comment.Create().SetID(row.ID).SetArticleID(row.ArticleID).SetNillableParentID(row.ParentID).
		SetNillableQuoteID(row.QuoteID).SetText(row.Text).SetAuthor(row.Author).SetStatus(row.Status).SetReason(row.Reason).
		SetFound(row.Found).SetCreatedAt(row.CreatedAt).SetUpdatedAt(row.UpdatedAt).
		SetOriginAddress(row.OriginAddress).SetIPRegion(row.IPRegion).SetTokenID(row.TokenID).Save(system) // the article was found visible and open
	if err != nil {
		return nil, fmt.Errorf("add a comment: %w", err)
	}
	return saved, s.countAndLog(ctx, c, saved, comment.StatusPENDING, changefeed.Entry{Kind: changefeed.Created})
}

// fingerprint returns the hash by which a repetition of a comment from an address is
// recognized; the texts themselves would take much memory.
func fingerprint(address string, row *ent.Comment) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join([]string{address, row.TokenID, row.ArticleID, value(row.ParentID), row.Text}, "\x00")))
}

// lockAuthor locks the token of an author against changes: a reader who is erased at the same
// moment leaves no comment behind.
func (s *Service) lockAuthor(ctx context.Context, c *ent.Client, id string) error {
	if id == "" {
		return nil
	}
	if err := s.store.LockRows(ctx, c, store.ForShare, token.Table, id); err != nil {
		return err
	}
	revoked, err := c.Token.Query().Where(token.ID(id), token.RevokedAtNotNil()).Exist(ctx)
	if err != nil {
		return fmt.Errorf("read the token of a comment: %w", err)
	}
	if revoked {
		return fault.New(fault.Unauthenticated, "this token was revoked; ask the operator for a new one")
	}
	return nil
}

var errRepeated = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"text"}, Message: "you have sent this comment already; it is published or waits for a moderator"}}

var errRejected = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"text"}, Message: "this portal does not publish such content; put it in other words"}}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// truncate returns why, cut off at the longest reason.
func truncate(why string) string {
	if runes := []rune(why); len(runes) > maxReason {
		return string(runes[:maxReason]) + "…"
	}
	return why
}

// checkTarget adds to bad why in's article accepts no comments, or none as an answer to
// that parent.
func (s *Service) checkTarget(ctx context.Context, in AddInput, bad *fault.Invalid) error {
	if !typeid.Is(typeid.Article, in.Article) {
		return errNoArticle
	}
	client := s.store.Client(ctx)
	a, err := client.Article.Query().Where(article.ID(in.Article)).Select(article.FieldCommentsOpen).Only(ctx)
	if ent.IsNotFound(err) {
		return errNoArticle
	}
	if err != nil {
		return fmt.Errorf("read the article of a comment: %w", err)
	}
	off, err := s.DisabledOn(ctx, terminal.Named(ctx))
	if err != nil {
		return err
	}
	if !a.CommentsOpen {
		bad.Add("NOT_ALLOWED", "article", "comments on this article are closed")
	} else if off {
		bad.Add("NOT_ALLOWED", "article", "comments are disabled on this terminal")
	}
	for field, id := range map[string]*string{"parent": in.Parent, "quote": in.Quote} {
		if id == nil {
			continue
		}
		known := typeid.Is(typeid.Comment, *id)
		if known {
			known, err = client.Comment.Query().Where(comment.ID(*id), comment.ArticleID(in.Article)).Exist(ctx)
		}
		if err != nil {
			return fmt.Errorf("read the comment that is answered: %w", err)
		}
		if !known {
			bad.Add("UNKNOWN", field, "there is no such comment under this article; leave it out to start a new thread")
		}
	}
	return nil
}
