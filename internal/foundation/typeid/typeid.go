// Package typeid generates the IDs of the API. They are opaque to clients, name their
// type, sort by creation time, and stay the same through export, import and a change of
// the database engine.
//
// The form is a TypeID (https://github.com/jetify-com/typeid): a prefix, an underscore,
// and a UUIDv7 (RFC 9562) in 26 characters of Crockford's base32. IDs are not secrets:
// they show when an item was created.
package typeid

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Kind is the type that an ID names: its prefix.
type Kind string

// The kinds of items that have an ID.
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

// Kinds returns every kind.
func Kinds() []Kind {
	return []Kind{Article, Category, Publisher, Region, Comment, Report, Revision, Token, Webhook, Attempt, Site, Event, Takedown, ModerationBatch, Picture, Alert, File}
}

const (
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	encoded  = 26 // characters for 128 bits
)

// Source generates IDs that are unique and monotonic, even when the clock goes back by a
// few seconds: the counter is not reset at each millisecond, so that IDs of a repeated
// millisecond sort after the older ones.
type Source struct {
	mu     sync.Mutex
	random io.Reader
	count  uint64
	last   uint64 // milliseconds << 12 | counter of the newest id
}

// NewSource returns a Source that reads random bits from random, or from the system's
// generator if it is nil.
func NewSource(random io.Reader) *Source {
	if random == nil {
		random = rand.Reader
	}
	return &Source{random: random}
}

var system = NewSource(nil)

// New returns an ID for an item that is created at t.
func New(kind Kind, t instant.Instant) string { return system.New(kind, t) }

// New returns an ID for an item that is created at t.
func (s *Source) New(kind Kind, t instant.Instant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id [16]byte
	if _, err := io.ReadFull(s.random, id[:]); err != nil {
		panic("typeid: read random bits: " + err.Error())
	}
	s.count++
	tick := uint64(max(t, 0)/1000)<<12 | s.count&0xfff
	if tick <= s.last && s.last-tick < 1<<24 {
		tick = s.last + 1 // the counter overflowed, or the clock went back a few seconds
	}
	s.last = tick
	binary.BigEndian.PutUint64(id[:8], tick>>12<<16|0x7000|tick&0xfff)
	id[8] = id[8]&0x3f | 0x80
	return string(kind) + "_" + encode(id)
}

// First returns the smallest ID of an item that is created at t; the IDs of all older
// items sort before it.
func First(kind Kind, t instant.Instant) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(max(t, 0)/1000)<<16)
	return string(kind) + "_" + encode(id)
}

// KindOf returns the kind of a well-formed ID.
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

// Is reports whether id is well formed and of the kind.
func Is(kind Kind, id string) bool {
	k, err := KindOf(id)
	return err == nil && k == kind
}

// encode writes 128 bits in base32.
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

// Derive returns the ID of an item that was created at t and has the key in another
// system. It is the same each time.
func Derive(kind Kind, t instant.Instant, key string) string {
	sum := sha256.Sum256([]byte(string(kind) + "\n" + key))
	id := [16]byte(sum[:16])
	binary.BigEndian.PutUint64(id[:8], uint64(max(t, 0)/1000)<<16|0x7000|uint64(sum[16])<<4&0xfff|uint64(sum[17])&0xf)
	id[8] = id[8]&0x3f | 0x80
	return string(kind) + "_" + encode(id)
}
