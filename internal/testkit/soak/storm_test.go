package soak_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	enttakedown "github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// storm is how long TestModerationStorm lasts without TONGGAO_TEST_STORM, a duration.
const storm = 1500 * time.Millisecond

// TestModerationStorm lets eight moderators on two replicas decide on the same articles and
// comments at random: there is no deadlock, a CONFLICT is only answered for what
// conflicts, and afterwards counters, states and takedowns agree.
func TestModerationStorm(t *testing.T) {
	t.Parallel()
	lasts := storm
	if text := os.Getenv("TONGGAO_TEST_STORM"); text != "" {
		var err error
		lasts, err = time.ParseDuration(text)
		check.NoError(t, err)
	}
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		replicas := []*apptest.Program{apptest.Start(t, s)}
		if s.Engine == "postgres" {
			replicas = append(replicas, apptest.Start(t, storetest.Open(t, s.URL)))
		}
		p := replicas[0]
		var items []string
		var comments []string
		for i := range 12 {
			a := p.Article(article.CreateInput{Title: fmt.Sprintf("第%d篇", i)}, p.Clock())
			items = append(items, a.ID)
			for k := range 4 {
				comments = append(comments, p.Comment(comment.AddInput{Article: a.ID, Text: fmt.Sprintf("第%d条", k)}, k%2 == 0).ID)
			}
		}
		before := deadlocks(t, s)
		ctx, stop := context.WithTimeout(apptest.System(), lasts)
		defer stop()
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				m := moderator{replicas[i%len(replicas)], rand.New(rand.NewPCG(uint64(i), 7)), items, comments}
				for ctx.Err() == nil {
					if err := m.act(); err != nil {
						t.Errorf("moderator %d: %v", i, err)
						return
					}
				}
			})
		}
		wg.Wait()
		for since := time.Now(); time.Since(since) < 1200*time.Millisecond; { // a connection reports what it counted once a second
			check.Together(8, func(i int) error { return refused(replicas[i%len(replicas)].Articles.LogDue(apptest.System()), "") })
		}
		check.Equal(t, "deadlocks", deadlocks(t, s)-before, 0)
		agree(t, p)
	})
}

// moderator decides at random.
type moderator struct {
	p               *apptest.Program
	random          *rand.Rand
	items, comments []string
}

// act takes one decision. It returns an error for anything but what the state of the item
// excludes: it is taken down already, or is not.
func (m moderator) act() error {
	one := func(ids []string) string { return ids[m.random.IntN(len(ids))] }
	status := []entcomment.Status{entcomment.StatusAPPROVED, entcomment.StatusREJECTED, entcomment.StatusPENDING}[m.random.IntN(3)]
	switch m.random.IntN(6) {
	case 0:
		_, err := m.p.Takedowns.TakeDown(apptest.System(), takedown.Input{Item: one(append(m.items, m.comments...)), Reason: "侵权"})
		return refused(err, "it has been down since")
	case 1:
		_, err := m.p.Takedowns.Restore(apptest.System(), takedown.Input{Item: one(append(m.items, m.comments...)), Reason: "查无实据"})
		return refused(err, "it is not taken down")
	case 2:
		_, err := m.p.Comments.Moderate(apptest.System(), comment.ModerateInput{Comment: one(m.comments), Status: status})
		return refused(err, "this comment is taken down")
	case 3:
		done, err := m.p.Comments.ModerateMany(apptest.System(), comment.BulkInput{Status: status, Comments: []string{one(m.comments), one(m.comments), one(m.comments), one(m.comments)}})
		if err == nil && done.Undo != "" && m.random.IntN(2) == 0 {
			_, err = m.p.Comments.Undo(apptest.System(), done.Undo)
		}
		return err
	case 4:
		_, err := m.p.Comments.Add(apptest.System(), comment.AddInput{Article: one(m.items), Text: fmt.Sprintf("新的评论%d", m.random.Int64())})
		return err
	default:
		_, err := m.p.Articles.Publish(apptest.System(), article.PublishInput{Article: one(m.items)})
		return refused(err, "this article is taken down")
	}
}

// refused returns err unless it is the CONFLICT that begins with text.
func refused(err error, text string) error {
	if fault.Is(err, fault.Conflict) && len(err.Error()) >= len(text) && err.Error()[:len(text)] == text {
		return nil
	}
	return err
}

// deadlocks returns how many deadlocks PostgreSQL has counted in the database; 0 on SQLite.
func deadlocks(t *testing.T, s *storetest.Store) (n int) {
	t.Helper()
	if s.Engine != "postgres" {
		return 0
	}
	check.NoError(t, s.Tx(apptest.System(), func(ctx context.Context, c *ent.Client) error {
		rows, err := c.QueryContext(ctx, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
		if err != nil {
			return err
		}
		defer rows.Close()
		rows.Next()
		return rows.Scan(&n)
	}))
	return n
}

// agree compares what is stored twice: counters with comments, states with takedowns.
func agree(t *testing.T, p *apptest.Program) {
	t.Helper()
	ctx := apptest.System()
	c := p.Client(ctx)
	inForce := map[string]int{}
	for _, row := range c.Takedown.Query().Where(enttakedown.LiftedAtIsNil()).AllX(ctx) {
		inForce[row.Item]++
	}
	for _, a := range c.Article.Query().AllX(ctx) {
		approved := c.Comment.Query().Where(entcomment.ArticleID(a.ID), entcomment.StatusEQ(entcomment.StatusAPPROVED)).CountX(ctx)
		check.Equal(t, "the comments of "+a.ID, a.CommentCount, approved)
		check.Equal(t, "the takedowns of "+a.ID, inForce[a.ID], map[bool]int{true: 1}[a.Status == entarticle.StatusTAKEN_DOWN])
	}
	for _, m := range c.Comment.Query().AllX(ctx) {
		check.Equal(t, "the takedowns of "+m.ID, inForce[m.ID], map[bool]int{true: 1}[m.Status == entcomment.StatusTAKEN_DOWN])
	}
}
