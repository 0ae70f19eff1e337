// Package gid makes the ids of the API: opaque to clients, they name their
// type, sort by creation time, and stay the same through export, import and a
// change of the database engine.
//
// The form is a TypeID (https://github.com/jetify-com/typeid): a prefix, an
// underscore, and a UUIDv7 (RFC 9562) in 26 characters of Crockford's base32.
package typeid

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Kind is the type that an id names: its prefix.
type Kind string

// The kinds of things that have an id.
const (
	Article         Kind = "art"
	Category        Kind = "cat"
	Publisher       Kind = "pub"
	Region          Kind = "reg"
	Comment         Kind = "cmt"
	Report          Kind = "rep"
	Revision        Kind = "rev"
	Token           Kind = "tok"
	Webhook         Kind = "whk"
	Attempt         Kind = "att"
	Site            Kind = "site"
	Event           Kind = "evt"
	Takedown        Kind = "mea"
	ModerationBatch Kind = "bat"
	Picture         Kind = "img"
	Alert           Kind = "ntc"
	File            Kind = "fil"
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Article, Category, Publisher, Region, Comment, Report, Revision, Token, Webhook, Attempt, Site, Event, Takedown, ModerationBatch, Picture, Alert, File}
}

const (
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	encoded  = 26 // characters for 128 bits
)

// Source makes ids; those of one Source never repeat and never go backwards,
// even when the clock does by a few seconds. The counter goes on from one millisecond to
// the next, so that ids of a millisecond that a clock comes back to follow the older ones.
type Source struct {
	mu     sync.Mutex
	random io.Reader
	count  uint64
	last   uint64 // milliseconds << 12 | counter of the newest id
}

// NewSource reads its random bits from random; nil means the system's.
func NewSource(random io.Reader) *Source {
	if random == nil {
		random = rand.Reader
	}
	return &Source{random: random}
}

var system = NewSource(nil)

// New makes an id for something created at t.
func New(kind Kind, t instant.Instant) string { return system.New(kind, t) }

// New makes an id for something created at t.
func (s *Source) New(kind Kind, t instant.Instant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id [16]byte
	if _, err := io.ReadFull(s.random, id[:]); err != nil {
		panic("gid: no random bits: " + err.Error())
	}
	s.count++
	tick := uint64(max(t, 0)/1000)<<12 | s.count&0xfff
	if tick <= s.last && s.last-tick < 1<<24 {
		tick = s.last + 1 // the counter began anew, or the clock went back a few seconds
	}
	s.last = tick
	binary.BigEndian.PutUint64(id[:8], tick>>12<<16|0x7000|tick&0xfff)
	id[8] = id[8]&0x3f | 0x80
	return string(kind) + "_" + encode(id)
}

// First is the smallest id that something created at t could have: those of everything
// older come before it.
func First(kind Kind, t instant.Instant) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(max(t, 0)/1000)<<16)
	return string(kind) + "_" + encode(id)
}

// KindOf is the kind that a well-formed id names.
func KindOf(id string) (Kind, error) {
	prefix, rest, ok := strings.Cut(id, "_")
	if ok && len(rest) == encoded && rest[0] <= '7' && strings.Trim(rest, alphabet) == "" {
		for _, k := range Kinds() {
			if string(k) == prefix {
				return k, nil
			}
		}
	}
	return "", fmt.Errorf("%.40q is not an id of this API", id)
}

// Is reports whether id is well formed and of that kind.
func Is(kind Kind, id string) bool {
	k, err := KindOf(id)
	return err == nil && k == kind
}

func encode(id [16]byte) string {
	hi, lo := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	var out [encoded]byte
	for i := encoded - 1; i >= 0; i-- {
		out[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}
