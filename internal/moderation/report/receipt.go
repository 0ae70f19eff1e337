package report

import (
	"crypto/rand"
	"strings"
	"unicode"
)

// A receipt is the letter R and sixteen characters of Crockford's base32 in groups of
// four: R-7KQ2-M9XD-4T8P-WZ3N. It has 80 random bits and no letter that resembles a digit.
const (
	receiptAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	receiptSize     = 16
)

// newReceipt returns a random receipt.
func newReceipt() string {
	var raw [receiptSize]byte
	_, _ = rand.Read(raw[:]) // never fails
	for i, b := range raw {
		raw[i] = receiptAlphabet[b%32]
	}
	return grouped(string(raw[:]))
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
