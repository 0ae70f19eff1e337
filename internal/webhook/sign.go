package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/instant"
)

// secretPrefix and the base64 behind it are the form of Standard Webhooks.
const (
	secretPrefix = "whsec_"
	secretSize   = 32 // bytes
)

func newSecret() string {
	random := make([]byte, secretSize)
	_, _ = rand.Read(random) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(random)
}

// signature is what Standard Webhooks wants in webhook-signature: one for each
// secret, so that a receiver that knows either is content.
func signature(secrets []string, id string, at instant.Instant, body []byte) (string, error) {
	list := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
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

// headers is everything that a delivery carries besides its body.
func headers(secrets []string, e Event, at instant.Instant) (http.Header, error) {
	signed, err := signature(secrets, e.ID, at, e.Body)
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Tonggao-Webhook/1")
	h.Set("Webhook-Id", e.ID)
	h.Set("Webhook-Timestamp", strconv.FormatInt(at.Time().Unix(), 10))
	h.Set("Webhook-Signature", signed)
	return h, nil
}
