// Package asset serves files that are in the binary: compressed where the reader
// takes that, with tags, and never without a content security policy.
//
// It refuses everything that is not a GET or a HEAD of a file that it has.
package staticfile

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
)

// How long a reader may keep a file: for ever where its address has the hash of its
// content, else for as long as the server confirms it.
const (
	Forever    = "public, max-age=31536000, immutable"
	Revalidate = "no-cache"
)

// mediaTypes is closed, so that what is served never depends on the tables of
// the machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

// Asset is one file in its plain form and, from the first reader that takes it
// on, in its compressed form.
type Asset struct {
	plain      []byte
	compressed func() []byte
	Hash       string // of the content
	mediaType  string
	caching    string
}

// New is the file with that content; the extension of its name says what it is.
func New(extension string, body []byte, caching string) *Asset {
	sum := sha256.Sum256(body)
	return &Asset{
		plain:      body,
		compressed: sync.OnceValue(func() []byte { return compress(body) }),
		Hash:       hex.EncodeToString(sum[:8]),
		mediaType:  mediaTypes[extension],
		caching:    caching,
	}
}

func compress(body []byte) []byte {
	var buffer bytes.Buffer
	w, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("asset: compress into memory: " + err.Error()) // a buffer takes every write
	}
	return buffer.Bytes()
}

// takesGzip reads an Accept-Encoding header: gzip, x-gzip or * with a weight
// above zero, where a weight for gzip itself counts before that of *.
func takesGzip(header string) bool {
	any := false
	for part := range strings.SplitSeq(header, ",") {
		name, parameter, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, found := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q="); found {
			parsed, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = parsed
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return weight > 0
		case "*":
			any = weight > 0
		}
	}
	return any
}
