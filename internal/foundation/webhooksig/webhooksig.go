// Package webhooksig signs webhook deliveries as Standard Webhooks defines it
// (https://www.standardwebhooks.com), so that the libraries of that standard verify them.
//
// The signature covers the ID, the time in seconds and the bytes of the body. The ID of a
// delivery is the same at each attempt, so that receivers can use it as an idempotency
// key. The package stores no secrets; package retry schedules the attempts.
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

// The form of a secret: Prefix and base64.
const (
	Prefix  = "whsec_"
	newSize = 32 // bytes of a new secret
	minSize = 24 // bytes that the standard requires
)

// NewSecret returns a random secret.
func NewSecret() string {
	random := make([]byte, newSize)
	_, _ = rand.Read(random) // never fails
	return Prefix + base64.StdEncoding.EncodeToString(random)
}

// Check returns what is wrong with a secret that an operator supplied.
func Check(secret string) error {
	encoded, found := strings.CutPrefix(secret, Prefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil || len(key) < minSize {
		return errors.New("a signing secret is " + Prefix + " and at least 24 random bytes in base64; `echo " + Prefix + "$(openssl rand -base64 32)` makes one")
	}
	return nil
}

// sign returns one signature for each secret, so that receivers that have either of them
// can verify the delivery while a secret is rotated.
func sign(secrets []string, id string, at instant.Instant, body []byte) (string, error) {
	list := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, Prefix))
		if err != nil {
			return "", fmt.Errorf("decode a signing secret: %w", err)
		}
		mac := hmac.New(sha256.New, key)
		_, _ = fmt.Fprintf(mac, "%s.%d.", id, at.Time().Unix())
		_, _ = mac.Write(body)
		list[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(list, " "), nil
}

// Header returns the HTTP header of a delivery.
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
