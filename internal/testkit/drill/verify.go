package drill

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// drainTime is how long consumers and the webhook may need for the rest.
const drainTime = 5 * time.Minute

// Finish stops writers and readers, waits until the consumers and the webhook have all that
// was written, stops them, and compares with the ledger. The function writes an export of
// the database.
func (l *Load) Finish(ctx context.Context, export func(context.Context, io.Writer) error) error {
	defer l.server.Close()
	l.stop()
	l.working.Wait()
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if _, err := l.Working(ctx, "最后一篇", drainTime); err != nil {
		l.problem("at the end: %v", err)
	}
	l.drain(ctx)
	l.stopRest()
	l.reading.Wait()
	l.compareLogs()
	stored, comments, err := readExport(ctx, export)
	if err != nil {
		return err
	}
	l.compareStored(stored, comments)
	return nil
}

// Stop ends the clients without checking anything.
func (l *Load) Stop() {
	l.stop()
	l.stopRest()
	l.working.Wait()
	l.reading.Wait()
	l.server.Close()
}

// drain waits until each consumer and the webhook have what the longest list has.
func (l *Load) drain(ctx context.Context) {
	for ctx.Err() == nil {
		most, behind := 0, false
		for _, c := range l.consumers {
			c.mu.Lock()
			most = max(most, len(c.list))
			c.mu.Unlock()
		}
		for _, c := range l.consumers {
			c.mu.Lock()
			behind = behind || len(c.list) < most
			c.mu.Unlock()
		}
		l.ledger.mu.Lock()
		published := l.ledger.published
		l.ledger.mu.Unlock()
		for _, e := range published {
			behind = behind || !l.consumers[0].has(e.id)
		}
		if !behind && len(l.undelivered()) == 0 {
			return
		}
		pause(ctx, 4*l.options.Pause)
	}
}

// undelivered returns the changes of articles that the webhook did not deliver.
func (l *Load) undelivered() (missing []change) {
	l.receiver.mu.Lock()
	delivered := map[change]bool{}
	for _, e := range l.receiver.events {
		e.Kind = ""
		delivered[e] = true
	}
	l.receiver.mu.Unlock()
	c := l.consumers[0]
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.list {
		if e.Kind = ""; e.ItemType == "ARTICLE" && !delivered[e] {
			missing = append(missing, e)
		}
	}
	return missing
}

// compareLogs checks that the logs of all replicas are the same, in the same order, that each article
// was published once, and that the webhook delivered all of it.
func (l *Load) compareLogs() {
	first := l.consumers[0].list
	for _, c := range l.consumers[1:] {
		if len(c.list) != len(first) {
			l.problem("the change log has %d entries at %s and %d at %s", len(first), l.consumers[0].address, len(c.list), c.address)
		}
		for i := range min(len(first), len(c.list)) {
			if first[i] != c.list[i] {
				l.problem("entry %d of the change log is %v at %s and %v at %s", i, first[i], l.consumers[0].address, c.list[i], c.address)
				break
			}
		}
	}
	published := map[string]int{}
	for _, e := range first {
		if e.Kind == "PUBLISHED" {
			published[e.ItemID]++
		}
	}
	for _, e := range l.ledger.published {
		if n := published[e.id]; n != 1 {
			l.problem("%s (%s), scheduled: %v, is %d times PUBLISHED in the change log", e.title, e.id, e.scheduled, n)
		}
	}
	if missing := l.undelivered(); len(missing) > 0 {
		l.problem("the webhook did not deliver %d changes, such as %v", len(missing), missing[0])
	}
}

// stored is what an export has of an article.
type stored struct{ id, title string }

// readExport returns the articles and comments of an export.
func readExport(ctx context.Context, export func(context.Context, io.Writer) error) (articles []stored, comments map[string]int, err error) {
	read, write := io.Pipe()
	go func() { _ = write.CloseWithError(export(ctx, write)) }()
	comments = map[string]int{}
	lines := bufio.NewReader(read)
	for {
		line, err := lines.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			var row struct{ Type, ID, Title, Text string }
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				return nil, nil, fmt.Errorf("read the export: %w", err)
			}
			switch row.Type {
			case "Article":
				articles = append(articles, stored{row.ID, row.Title})
			case "Comment":
				comments[row.Text]++
			}
		}
		if err == io.EOF {
			return articles, comments, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("export the database: %w", err)
		}
	}
}

// compareStored checks that what was acknowledged is stored, and nothing twice.
func (l *Load) compareStored(articles []stored, comments map[string]int) {
	titles, byID := map[string]int{}, map[string]string{}
	for _, a := range articles {
		titles[a.title]++
		byID[a.id] = a.title
	}
	for title := range l.ledger.tried {
		if n := max(titles[title], comments[title]); n > 1 {
			l.problem("%s is stored %d times", title, n)
		}
	}
	for _, e := range l.ledger.published {
		last, changed := l.ledger.updated[e.id]
		title, ok := byID[e.id]
		switch {
		case !ok:
			l.problem("%s (%s) was acknowledged and is lost", e.title, e.id)
		case !changed && title != e.title && !strings.HasPrefix(title, prefix(e.title)):
			l.problem("%s is stored as %s", e.title, title)
		case changed && number(title) < last.count:
			l.problem("update %d of %s was acknowledged, and is lost: it is %s", last.count, e.title, title)
		}
	}
	for text := range l.ledger.comments {
		if comments[text] == 0 {
			l.problem("the comment %s was acknowledged and is lost", text)
		}
	}
}

// prefix returns the part of a title that names its writer.
func prefix(title string) string {
	before, _, _ := strings.Cut(title, "第")
	return before + "第"
}

// number returns the number in a title.
func number(title string) (n int) {
	_, after, _ := strings.Cut(title, "第")
	_, _ = fmt.Sscanf(after, "%d", &n)
	return n
}
