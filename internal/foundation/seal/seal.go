// Package seal keeps what the program must be able to read back, and nobody who
// only holds the database or a backup of it: the secrets of webhooks, personal
// data. The key stays outside the database.
//
// What is sealed is bound to its purpose (such as "secret of whk_…"), so a sealed
// value that is copied into another row does not open there. It names the key it
// was sealed with: a Ring of several opens what any of them sealed, seals with
// the first, and says what is worth sealing again. The package refuses keys that
// are passwords: a key is 32 random bytes.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// KeySize is how many bytes a key has.
const KeySize = 32

// Form is the version of what Seal makes: "s1.KEY.NONCE-AND-TEXT".
const Form = "s1"

var encoding = base64.RawURLEncoding

// Ring is the keys of an installation, the current one first. The zero Ring has
// none: it neither seals nor opens.
type Ring struct{ keys []key }

type key struct {
	id   string
	aead cipher.AEAD
}

// NewKey is a fresh key as text, the way Parse reads it.
func NewKey() string {
	random := make([]byte, KeySize)
	_, _ = rand.Read(random) // never fails
	return base64.StdEncoding.EncodeToString(random)
}

// Parse reads keys: each 32 bytes in base64 or hexadecimal, separated by commas or
// space, the current one first. Its errors do not tell the keys.
func Parse(text string) (Ring, error) {
	var r Ring
	words := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t' })
	for i, word := range words {
		raw, err := decode(word)
		if err != nil {
			return Ring{}, fmt.Errorf("key %d is not %d bytes in base64 or hexadecimal; `openssl rand -base64 %d` makes one", i+1, KeySize, KeySize)
		}
		block, err := aes.NewCipher(raw)
		if err != nil {
			return Ring{}, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return Ring{}, err
		}
		sum := sha256.Sum256(append([]byte("tonggao key id:"), raw...))
		r.keys = append(r.keys, key{hex.EncodeToString(sum[:4]), aead})
	}
	return r, nil
}

func decode(word string) ([]byte, error) {
	for _, read := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if raw, err := read(word); err == nil && len(raw) == KeySize {
			return raw, nil
		}
	}
	return nil, errors.New("no key")
}

// Empty reports whether there is no key to seal with.
func (r Ring) Empty() bool { return len(r.keys) == 0 }

// errNoKey is what a Ring without keys answers.
var errNoKey = errors.New("there is no key to seal with")

// Seal locks text up for a purpose.
func (r Ring) Seal(purpose, text string) (string, error) {
	if r.Empty() {
		return "", errNoKey
	}
	k := r.keys[0]
	return Form + "." + k.id + "." + encoding.EncodeToString(k.aead.Seal(nil, nil, []byte(text), []byte(purpose))), nil
}

// Open gives back what was sealed for that purpose.
func (r Ring) Open(purpose, sealed string) (string, error) {
	version, rest, _ := strings.Cut(sealed, ".")
	id, text, found := strings.Cut(rest, ".")
	if version != Form || !found {
		return "", errors.New("this was not sealed by this program")
	}
	raw, err := encoding.DecodeString(text)
	if err != nil {
		return "", errors.New("what was sealed is damaged")
	}
	for _, k := range r.keys {
		if k.id != id {
			continue
		}
		plain, err := k.aead.Open(nil, nil, raw, []byte(purpose))
		if err != nil {
			return "", errors.New("what was sealed is damaged, or was sealed for something else")
		}
		return string(plain), nil
	}
	return "", fmt.Errorf("the key %.8s, with which this was sealed, is not among the %d configured", id, len(r.keys))
}

// SealBytes locks a file up for a purpose.
func (r Ring) SealBytes(purpose string, data []byte) ([]byte, error) {
	if r.Empty() {
		return nil, errNoKey
	}
	return r.keys[0].aead.Seal([]byte(r.Current()), nil, data, []byte(purpose)), nil
}

// OpenBytes gives back what SealBytes locked up for that purpose.
func (r Ring) OpenBytes(purpose string, sealed []byte) ([]byte, error) {
	for _, k := range r.keys {
		if raw, found := bytes.CutPrefix(sealed, []byte(Form+"."+k.id+".")); found {
			plain, err := k.aead.Open(nil, nil, raw, []byte(purpose))
			if err != nil {
				return nil, errors.New("what was sealed is damaged, or was sealed for something else")
			}
			return plain, nil
		}
	}
	return nil, fmt.Errorf("the key with which this was sealed is not among the %d configured", len(r.keys))
}

// Current begins everything that is sealed with the current key; empty where there
// is none.
func (r Ring) Current() string {
	if r.Empty() {
		return ""
	}
	return Form + "." + r.keys[0].id + "."
}

// All are the beginnings of what is sealed with any of the keys.
func (r Ring) All() (list []string) {
	for _, k := range r.keys {
		list = append(list, Form+"."+k.id+".")
	}
	return list
}

// Is reports whether text looks like what Seal makes.
func Is(text string) bool { return strings.HasPrefix(text, Form+".") && strings.Count(text, ".") == 2 }

// Stale reports whether sealed should be sealed again, with the current key.
func (r Ring) Stale(sealed string) bool {
	return !r.Empty() && !strings.HasPrefix(sealed, r.Current())
}
