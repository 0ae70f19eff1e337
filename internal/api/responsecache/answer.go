package responsecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Answer is an answer as it is sent. It is not changed.
type Answer struct {
	Body    []byte
	Tags    []string // what it shows, as names for a cache in front of the program
	Private bool     // it shows something that is not public

	key          Key
	tag          string // of Body, without quotes
	position     int64
	dependencies invalidation.Dependencies
	since        uint64
	from, until  instant.Instant
	checked      atomic.Uint64 // the generation in which it was known to hold
	gzip         atomic.Pointer[[]byte]
}

func newAnswer(f *Fill, body []byte, position int64) *Answer {
	sum := sha256.Sum256(body)
	return &Answer{Body: body, Tags: f.reads.Tags(), Private: f.reads.Private(), key: f.key, position: position,
		tag: base64.RawURLEncoding.EncodeToString(sum[:15]), dependencies: f.reads.Dependencies(), since: f.since, from: f.from, until: never}
}

// entryBytes is what an answer takes in addition to its texts.
const entryBytes = 512

func (a *Answer) weight() uint32 {
	n := entryBytes + len(a.Body) + len(a.key.Raw) + len(a.key.Kind) + 4*len(a.dependencies)
	for _, tag := range a.Tags {
		n += len(tag) + 16
	}
	if form := a.gzip.Load(); form != nil {
		n += len(*form)
	}
	return uint32(n)
}

// The size from which answers are compressed, and how well: as of all other responses.
const (
	minCompressed = 1 << 10
	gzipLevel     = 4
)

// Form is the body in one encoding.
type Form struct {
	Body []byte
	Gzip bool
	ETag string // strong
}

// Form returns the body for a client that accepts gzip or not. The compressed form is made when
// it is first asked for.
func (c *Cache) Form(a *Answer, acceptsGzip bool) Form {
	if !acceptsGzip || len(a.Body) < minCompressed {
		return Form{Body: a.Body, ETag: `"` + a.tag + `"`}
	}
	form := a.gzip.Load()
	if form == nil {
		form = new(compress(a.Body))
		a.gzip.Store(form)
		if c.answers != nil {
			hash := c.hash(a.key)
			if kept, ok := c.answers.GetIfPresent(hash); ok && kept == a {
				c.answers.Set(hash, a) // it weighs more now
			}
		}
	}
	return Form{Body: *form, Gzip: true, ETag: `"` + a.tag + `-gzip"`}
}

func compress(text []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzipLevel)
	if err != nil {
		panic("responsecache: " + err.Error()) // the level above is a constant
	}
	_, _ = w.Write(text) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// Matches reports whether the values of If-None-Match name the answer, in either form.
func (a *Answer) Matches(values []string) bool {
	for _, value := range values {
		tags := strings.Split(value, ",")
		if slices.ContainsFunc(tags, func(tag string) bool {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			return tag == "*" || strings.TrimSuffix(strings.Trim(tag, `"`), "-gzip") == a.tag
		}) {
			return true
		}
	}
	return false
}
