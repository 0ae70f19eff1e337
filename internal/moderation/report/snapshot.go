package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// newSnapshot returns the snapshot of the target that a new report stores, and the SHA-256 in
// hexadecimal of what identifies the state of the target. The snapshot is empty where another
// report holds the same one.
func newSnapshot(ctx context.Context, c *ent.Client, target string) (snapshot, hash string, err error) {
	state, err := stateOf(ctx, c, target)
	if err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(state)
	hash = hex.EncodeToString(sum[:])
	held, err := c.Report.Query().Where(report.Target(target), report.SnapshotHash(hash), holdsSnapshot).Exist(ctx)
	if err != nil || held {
		return "", hash, err
	}
	content, err := describe(ctx, c, target)
	return string(content), hash, err
}

// stateOf returns what identifies the state of the target. That of an article is its version:
// its document, which may have megabytes, is not read again for each report.
func stateOf(ctx context.Context, c *ent.Client, target string) ([]byte, error) {
	if !typeid.Is(typeid.Article, target) {
		return describe(ctx, c, target)
	}
	a, err := c.Article.Query().Where(article.ID(target)).Select(article.FieldVersion).Only(ctx)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s version %d", target, a.Version), nil
}

// holdsSnapshot selects the reports that hold a snapshot. SQLite uses the partial index only
// for this comparison.
func holdsSnapshot(q *sql.Selector) {
	q.Where(sql.ExprP("length(" + q.C(report.FieldSnapshot) + ") > 0"))
}

// describe returns the JSON of the target as it is now, because it may change later.
func describe(ctx context.Context, c *ent.Client, target string) ([]byte, error) {
	var content map[string]any
	kind, err := typeid.KindOf(target)
	if err != nil {
		return nil, err
	}
	switch kind {
	case typeid.Article:
		a, err := c.Article.Get(ctx, target)
		if err != nil {
			return nil, err
		}
		b, err := c.Body.Get(ctx, target)
		if err != nil {
			return nil, err
		}
		content = map[string]any{"version": a.Version, "title": a.Title, "subtitle": a.Subtitle, "lead": a.Lead, "author": a.Author, "cover": a.Cover,
			"publisher": a.PublisherID, "publishedAt": a.PublishedAt, "body": json.RawMessage(b.Document)}
	case typeid.Comment:
		m, err := c.Comment.Get(ctx, target)
		if err != nil {
			return nil, err
		}
		content = map[string]any{"article": m.ArticleID, "author": m.Author, "text": m.Text, "createdAt": m.CreatedAt}
	case typeid.Publisher:
		p, err := c.Publisher.Get(ctx, target)
		if err != nil {
			return nil, err
		}
		content = map[string]any{"name": p.Name}
	}
	return json.Marshal(content)
}

// withoutSnapshot returns a query of reports that leaves their snapshots out, which may have
// megabytes.
func withoutSnapshot(c *ent.Client) *ent.ReportQuery {
	q := c.Report.Query()
	q.Select(slices.DeleteFunc(slices.Clone(report.Columns), func(column string) bool { return column == report.FieldSnapshot })...)
	return q
}

// Snapshots returns the snapshots of reports by their ID, for those who may read reports. What
// was erased is missing.
func (s *Service) Snapshots(ctx context.Context, reports []*ent.Report) (map[string]json.RawMessage, error) {
	var targets, hashes []string
	for _, r := range reports {
		targets, hashes = append(targets, r.Target), append(hashes, r.SnapshotHash)
	}
	slices.Sort(targets)
	slices.Sort(hashes)
	rows, err := s.store.Client(ctx).Report.Query().
		Where(report.TargetIn(slices.Compact(targets)...), report.SnapshotHashIn(slices.Compact(hashes)...), holdsSnapshot).
		Select(report.FieldTarget, report.FieldSnapshotHash, report.FieldSnapshot).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the snapshots of reports: %w", err)
	}
	type state struct{ target, hash string }
	held := make(map[state]json.RawMessage, len(rows))
	for _, row := range rows {
		held[state{row.Target, row.SnapshotHash}] = json.RawMessage(row.Snapshot)
	}
	found := make(map[string]json.RawMessage, len(reports))
	for _, r := range reports {
		found[r.ID] = held[state{r.Target, r.SnapshotHash}]
	}
	return found, nil
}
