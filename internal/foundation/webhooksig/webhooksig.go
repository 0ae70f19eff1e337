// Package signature signs what is posted to other programs, after Standard Webhooks
// (https://www.standardwebhooks.com), so that the libraries of that standard verify it,
// and knows when a post that failed is tried again.
//
// The signature covers the id, the second and the bytes of the body; an id is the
// same at each attempt. It refuses nothing and keeps nothing.
package webhooksig

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Prefix and the base64 behind it are the form of a secret.
const (
	Prefix = "whsec_"
	size   = 32 // bytes of a new one
	least  = 24 // bytes that the standard asks for
)

// NewSecret is a random secret.
func NewSecret() string {
	random := make([]byte, size)
	_, _ = rand.Read(random) // never fails
	return Prefix + base64.StdEncoding.EncodeToString(random)
}

// Check says what is wrong with a secret that somebody else made.
func Check(secret string) error {
	encoded, found := strings.CutPrefix(secret, Prefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil || len(key) < least {
		return errors.New("a signing secret is " + Prefix + " and at least 24 random bytes in base64; `echo " + Prefix + "$(openssl rand -base64 32)` makes one")
	}
	return nil
}

// sign is one signature for each secret, so that a receiver that knows either is content.
func sign(secrets []string, id string, at instant.Instant, body []byte) (string, error) {
	list := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, Prefix))
		if err != nil {
			return "", fmt.Errorf("read a signing secret: %w", err)
		}
		mac := hmac.New(sha256.New, key)
		_, _ = fmt.Fprintf(mac, "%s.%d.", id, at.Time().Unix())
		_, _ = mac.Write(body)
		list[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(list, " "), nil
}

// Header is everything that a post carries besides its body.
func Header(secrets []string, id string, at instant.Instant, body []byte) (http.Header, error) {
	signed, err := sign(secrets, id, at, body)
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Tonggao-Webhook/1")
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", strconv.FormatInt(at.Time().Unix(), 10))
	h.Set("Webhook-Signature", signed)
	return h, nil
}
