package pagination

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Signer signs cursors, so that a client can neither make one nor use it for another list.
// The keys are the installation's: a cursor stays valid through restarts and on every
// replica.
type Signer struct{ keys [][]byte }

// NewSigner returns a Signer that signs with the first key, of at least 16 bytes, and reads
// what any of them signed.
func NewSigner(keys ...[]byte) Signer { return Signer{keys} }

// A cursor is, in base64url: a version byte, four bytes of the hash of the scope, the value
// in eight bytes, the id, and twelve bytes of HMAC-SHA256 over all of it and the scope.
const (
	cursorVersion = 1
	headSize      = 1 + 4 + 8
	macSize       = 12
	maxCursor     = 200 // characters
)

// Sign returns the cursor of a position in the list that scope names, for lists that cut
// their pages themselves.
func (s Signer) Sign(at Position, scope string) string { return s.sign(at, scope) }

// Read parses what Sign returned.
func (s Signer) Read(cursor, scope string) (Position, error) {
	at, err := s.read(&cursor, scope)
	if err != nil {
		return Position{}, err
	}
	return *at, nil
}

func (s Signer) sign(at Position, scope string) string {
	name := sha256.Sum256([]byte(scope))
	raw := make([]byte, headSize, headSize+len(at.ID)+macSize)
	raw[0] = cursorVersion
	copy(raw[1:], name[:4])
	binary.BigEndian.PutUint64(raw[5:], uint64(at.Value))
	raw = append(raw, at.ID...)
	return base64.RawURLEncoding.EncodeToString(append(raw, mac(s.keys[0], raw, scope)...))
}

func mac(key, raw []byte, scope string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(raw)
	h.Write([]byte(scope))
	return h.Sum(nil)[:macSize]
}

func (s Signer) read(cursor *string, scope string) (*Position, error) {
	if cursor == nil {
		return nil, nil
	}
	if len(*cursor) > maxCursor {
		return nil, errAltered
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(*cursor)
	if err != nil || len(raw) <= headSize+macSize || raw[0] != cursorVersion {
		return nil, errAltered
	}
	if name := sha256.Sum256([]byte(scope)); string(raw[1:5]) != string(name[:4]) {
		return nil, fault.New(fault.BadUserInput,
			"this cursor comes from another list, filter or order: a cursor is valid only for the arguments it was issued for; start again without it")
	}
	body, signature := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !slices.ContainsFunc(s.keys, func(key []byte) bool { return hmac.Equal(signature, mac(key, body, scope)) }) {
		return nil, errAltered
	}
	return &Position{Value: int64(binary.BigEndian.Uint64(body[5:])), ID: string(body[headSize:])}, nil
}

var errAltered = fault.New(fault.BadUserInput,
	"this cursor was not issued by this server, or it was altered: pass cursors on unchanged, or start again without it")
