// Package record defines what a site consists of that moves in from another system: the
// records that every importer of a foreign format yields, and that package importer writes.
//
// A record has a key of its own in its site, and refers to others by their keys. Readers
// of a format fill in what the site has, in UTF-8 and otherwise as it is there: lengths,
// characters and addresses are checked and adapted in one place, package importer, which
// notes what that changes. A reader adds to Lost what the record cannot hold.
package record

import (
	"context"
	"errors"
	"io"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Site yields the records of a site.
type Site interface {
	// Address returns the address of the site, such as https://www.example.com, or "".
	Address() string
	// Records calls yield with each record: categories with parents first, regions and
	// publishers, then articles, then comments. It ends with the error of yield, if any.
	Records(ctx context.Context, yield func(Record) error) error
	// Open opens a picture that the site has on this machine, by its address in an article;
	// ErrNoFile if it has none there.
	Open(address string) (io.ReadCloser, error)
}

// ErrNoFile is returned by Open for files of other machines.
var ErrNoFile = errors.New("the picture is not on this machine")

// Record is a pointer to one of the types below.
type Record interface{ Head() *Common }

// Common is what all records have.
type Common struct {
	Key   string   // unique in the site: "article/21/5"
	Where string   `json:"-"` // for people: "article 5", "posts/a.md"
	Lost  []string // what the record does not have of its source, each for people
}

// Head returns the part that all records have.
func (c *Common) Head() *Common { return c }

// Category is a category or a column of a site.
type Category struct {
	Common
	Parent   string // key
	Name     string
	Slug     string // wanted; may be no slug of ours
	Position int
	Paths    []string
}

// Region is a region that articles belong to.
type Region struct {
	Common
	Name     string
	Slug     string
	Position int
}

// Publisher is a member, an author or a user.
type Publisher struct {
	Common
	Name      string
	Public    bool
	CreatedAt instant.Instant // 0: unknown
}

// Format is how a text is written.
type Format string

// The formats of texts.
const (
	HTML      Format = "html"
	Markdown  Format = "markdown"
	WordPress Format = "wordpress"
)

// Status is who may see an article or a comment.
type Status string

// The statuses.
const (
	Published Status = "published"
	Draft     Status = "draft"   // of articles: not finished, waiting or rejected
	Hidden    Status = "hidden"  // of articles: was published and is in the recycle bin
	Pending   Status = "pending" // of comments
	Rejected  Status = "rejected"
)

// Article is an article with its text.
type Article struct {
	Common
	Title, Subtitle, Lead, Author string
	SourceName, SourceURL         string
	Cover                         string
	Tags                          []string
	Category, Region, Publisher   string // keys; "" for none
	Slug                          string
	Status                        Status
	PublishedAt, CreatedAt        instant.Instant // 0: unknown
	UpdatedAt                     instant.Instant
	Views                         int64
	OriginAddress                 string
	CommentsClosed                bool
	Format                        Format
	Text                          string
	Base                          string   // address of the page, which completes relative addresses
	Paths                         []string // addresses that the article had
	Facts                         map[string]string
}

// Comment is a comment or a reply.
type Comment struct {
	Common
	Article       string // key
	Parent, Quote string // keys
	Author, Text  string
	Status        Status
	CreatedAt     instant.Instant
	OriginAddress string
}

// Note is about a part of the source that has no place here: what is lost, and no item.
type Note struct{ Common }

// Broken is a part of the source that could not be read as a record, and why.
type Broken struct {
	Common
	Reason string
}

// NoAddress takes the place of the address of a site that is unknown, so that the
// addresses in its articles can be completed. It is in no article that is written.
const NoAddress = "https://site.invalid"
