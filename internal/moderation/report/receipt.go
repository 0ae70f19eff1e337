package report

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// A receipt is the letter R and sixteen characters of Crockford's base32 in groups of
// four: R-7KQ2-M9XD-4T8P-WZ3N. It has 80 bits and no letter that resembles a digit. It is
// derived from the ID of the report with a key that is not in the database, so that a
// reporter who retries is given the same one. Only its HMAC is stored.
const (
	receiptAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	receiptSize     = 16
)

// hashedForm is how the HMAC of a receipt begins.
const hashedForm = "h1."

// A receiptKey derives receipts and hashes them. An installation that encrypts nothing
// stores receipts in plain text too, until it has a key.
type receiptKey struct {
	key   []byte
	plain bool
}

// receiptKeys returns the keys of the installation, the current one first.
func receiptKeys(ctx context.Context, s *store.Store) ([]receiptKey, error) {
	secrets, err := s.Secrets(ctx, "receipt_key")
	keys := make([]receiptKey, len(secrets))
	for i, secret := range secrets {
		keys[i] = receiptKey{secret, s.Keys.Empty()}
	}
	return keys, err
}

// stored returns what is stored of a receipt.
func (k receiptKey) stored(receipt string) string {
	if k.plain || receipt == "" {
		return receipt
	}
	return hashedForm + keyedHash(k.key, receipt)[:32]
}

// of returns the receipt of the report with the ID.
func (k receiptKey) of(id string) string {
	mac := hmac.New(sha256.New, k.key)
	_, _ = mac.Write([]byte("receipt of " + id))
	raw := mac.Sum(nil)[:receiptSize]
	for i, b := range raw {
		raw[i] = receiptAlphabet[b%32]
	}
	return grouped(string(raw))
}

// receiptOf returns the receipt of a report; empty where an older version chose it.
func receiptOf(keys []receiptKey, r *ent.Report) string {
	for _, k := range keys {
		if receipt := k.of(r.ID); k.stored(receipt) == r.Receipt {
			return receipt
		}
	}
	return ""
}

// StoredReceipt returns the form in which a receipt of an archive is stored: archives of
// older versions have it in plain text.
func StoredReceipt(ctx context.Context, s *store.Store, receipt string) (string, error) {
	plain, ok := Receipt(receipt)
	if !ok {
		return receipt, nil
	}
	keys, err := receiptKeys(ctx, s)
	if err != nil {
		return "", err
	}
	return keys[0].stored(plain), nil
}

// WithReceipt returns the report with the receipt: the receipt is the permission. Malformed
// text is looked up too, so that the answer takes as long.
func WithReceipt(ctx context.Context, s *store.Store, receipt string) (*ent.Report, error) {
	plain, _ := Receipt(receipt)
	keys, err := receiptKeys(ctx, s)
	if err != nil {
		return nil, err
	}
	var stored []string
	for _, key := range keys {
		stored = append(stored, key.stored(plain))
	}
	r, err := withoutSnapshot(s.Client(ctx)).Where(report.ReceiptIn(stored...)).Only(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return nil, errNoReceipt
	}
	if err != nil {
		return nil, fmt.Errorf("read a report by its receipt: %w", err)
	}
	return r, nil
}

// HashReceipts replaces, once, the receipts that older versions stored in plain text by
// their HMAC, and hashes the notifiers of those reports with the present key.
func (s *Service) HashReceipts(ctx context.Context) error {
	if s.store.Keys.Empty() {
		return nil
	}
	ctx = viewer.AsSystem(ctx)
	for more := true; more; {
		err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			rows, err := withoutSnapshot(c).Where(report.ReceiptHasPrefix("R-")).Order(report.ByID()).Limit(100).All(ctx)
			if err != nil {
				return fmt.Errorf("read the receipts in plain text: %w", err)
			}
			more = len(rows) > 0
			for _, r := range rows {
				if err := s.hashReceipt(ctx, c, r); err != nil {
					return fmt.Errorf("hash the receipt of %s: %w", r.ID, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// hashReceipt replaces the receipt of r and hashes its notifier again.
func (s *Service) hashReceipt(ctx context.Context, c *ent.Client, r *ent.Report) error {
	receipt, err := StoredReceipt(ctx, s.store, r.Receipt)
	if err != nil {
		return err
	}
	notifier := ""
	if e, err := EvidenceOf(r); err == nil && r.Notifier != "" { // evidence of a missing key cannot be compared either
		keys, err := s.store.Secrets(ctx, "notifier_key")
		if err != nil {
			return err
		}
		notifier = keyedHash(keys[0], e.notifier(r.Target))
	}
	_, err = c.ExecContext(ctx, "UPDATE reports SET receipt = $1, notifier = $2 WHERE id = $3", receipt, notifier, r.ID)
	return err
}

// Receipt returns a receipt in its canonical form: lower-case letters, spaces, hyphens of
// any kind, full-width characters of a Chinese keyboard, and O, I and L for the digits that
// they resemble are accepted. It reports false for text that is not a receipt.
func Receipt(typed string) (string, bool) {
	if len(typed) > 200 {
		return "", false
	}
	plain := strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // full-width forms, in the order of ASCII
			r -= '！' - '!'
		}
		switch r = unicode.ToUpper(r); {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r):
			return -1
		case r == 'O':
			return '0'
		case r == 'I', r == 'L':
			return '1'
		}
		return r
	}, typed)
	if len(plain) == receiptSize+1 {
		plain = strings.TrimPrefix(plain, "R")
	}
	if len(plain) != receiptSize || strings.Trim(plain, receiptAlphabet) != "" {
		return "", false
	}
	return grouped(plain), true
}

func grouped(plain string) string {
	return "R-" + plain[:4] + "-" + plain[4:8] + "-" + plain[8:12] + "-" + plain[12:]
}
