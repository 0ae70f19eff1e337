// Package seal encrypts data at rest (AES-256-GCM) that the program must be able to
// read back, such as webhook secrets and personal data. The key is stored outside of the
// database, so that a stolen database or backup discloses nothing.
//
// Seal and open are the terms of authenticated encryption (AEAD). A sealed value is bound
// to its purpose, such as "secret of whk_…", as associated data: copied into another row
// it does not open. It names its key, so that keys can be rotated: a Ring opens values of
// any of its keys, seals with the first, and reports which values are stale. Keys for
// other purposes, such as signatures, are derived from them. Passwords are refused as keys:
// a key is 32 random bytes.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// Form is the version of the sealed form: "s1.KEY.NONCE-AND-CIPHERTEXT".
const Form = "s1"

var encoding = base64.RawURLEncoding

// Ring holds the keys of an installation, the current one first. The zero Ring has none:
// it neither seals nor opens.
type Ring struct{ keys []key }

type key struct {
	id   string
	aead cipher.AEAD
	raw  []byte
}

// NewKey returns a random key as text that Parse reads.
func NewKey() string {
	random := make([]byte, KeySize)
	_, _ = rand.Read(random) // never fails
	return base64.StdEncoding.EncodeToString(random)
}

// Parse reads keys: each 32 bytes in base64 or hexadecimal, separated by commas or white
// space, the current one first. Errors do not contain keys.
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
		r.keys = append(r.keys, key{hex.EncodeToString(sum[:4]), aead, raw})
	}
	return r, nil
}

// decode reads one key.
func decode(word string) ([]byte, error) {
	for _, read := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if raw, err := read(word); err == nil && len(raw) == KeySize {
			return raw, nil
		}
	}
	return nil, errors.New("not a key")
}

// Empty reports whether the ring has no key.
func (r Ring) Empty() bool { return len(r.keys) == 0 }

var (
	errNoKey   = errors.New("no key is configured to encrypt with")
	errForm    = errors.New("not encrypted by this program")
	errDamaged = errors.New("the encrypted value is damaged, or belongs to another record")
)

// Seal encrypts text for a purpose.
func (r Ring) Seal(purpose, text string) (string, error) {
	if r.Empty() {
		return "", errNoKey
	}
	k := r.keys[0]
	return Form + "." + k.id + "." + encoding.EncodeToString(k.aead.Seal(nil, nil, []byte(text), []byte(purpose))), nil
}

// Open decrypts what Seal encrypted for the same purpose.
func (r Ring) Open(purpose, sealed string) (string, error) {
	version, rest, _ := strings.Cut(sealed, ".")
	id, text, found := strings.Cut(rest, ".")
	if version != Form || !found {
		return "", errForm
	}
	raw, err := encoding.DecodeString(text)
	if err != nil {
		return "", errDamaged
	}
	for _, k := range r.keys {
		if k.id != id {
			continue
		}
		plain, err := k.aead.Open(nil, nil, raw, []byte(purpose))
		if err != nil {
			return "", errDamaged
		}
		return string(plain), nil
	}
	return "", fmt.Errorf("the key %.8s of an encrypted value is not one of the %d configured", id, len(r.keys))
}

// SealBytes encrypts a file for a purpose.
func (r Ring) SealBytes(purpose string, data []byte) ([]byte, error) {
	if r.Empty() {
		return nil, errNoKey
	}
	return r.keys[0].aead.Seal([]byte(r.Current()), nil, data, []byte(purpose)), nil
}

// OpenBytes decrypts what SealBytes encrypted for the same purpose.
func (r Ring) OpenBytes(purpose string, sealed []byte) ([]byte, error) {
	for _, k := range r.keys {
		if raw, found := bytes.CutPrefix(sealed, []byte(Form+"."+k.id+".")); found {
			plain, err := k.aead.Open(nil, nil, raw, []byte(purpose))
			if err != nil {
				return nil, errDamaged
			}
			return plain, nil
		}
	}
	return nil, fmt.Errorf("the key of an encrypted file is not one of the %d configured", len(r.keys))
}

// Derive returns, for each key of the ring, a key for another purpose than encryption, such
// as signing cursors. It discloses nothing about the key that it comes from.
func (r Ring) Derive(purpose string) [][]byte {
	list := make([][]byte, len(r.keys))
	for i, k := range r.keys {
		list[i], _ = hkdf.Key(sha256.New, k.raw, nil, "tonggao: "+purpose, KeySize) // fails only beyond 8,160 bytes
	}
	return list
}

// Current returns the prefix of values that are sealed with the current key, or "" where
// there is none.
func (r Ring) Current() string {
	if r.Empty() {
		return ""
	}
	return Form + "." + r.keys[0].id + "."
}

// All returns the prefixes of values that are sealed with any of the keys.
func (r Ring) All() (list []string) {
	for _, k := range r.keys {
		list = append(list, Form+"."+k.id+".")
	}
	return list
}

// Is reports whether text has the form of a sealed value.
func Is(text string) bool { return strings.HasPrefix(text, Form+".") && strings.Count(text, ".") == 2 }

// Stale reports whether sealed should be sealed again, with the current key.
func (r Ring) Stale(sealed string) bool {
	return !r.Empty() && !strings.HasPrefix(sealed, r.Current())
}
