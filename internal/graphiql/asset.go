package graphiql

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
)

// How long a reader may keep an asset: for ever where its address has the hash
// of its content, else for as long as the server confirms it.
const (
	forever    = "public, max-age=31536000, immutable"
	revalidate = "no-cache"
)

// mediaTypes is closed, so that what is served never depends on the tables of
// the machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

// asset is one file in its plain form and, from the first reader that takes it
// on, in its compressed form.
type asset struct {
	plain      []byte
	compressed func() []byte
	hash       string
	mediaType  string
	caching    string
}

func newAsset(extension string, body []byte, caching string) *asset {
	sum := sha256.Sum256(body)
	return &asset{
		plain:      body,
		compressed: sync.OnceValue(func() []byte { return compress(body) }),
		hash:       hex.EncodeToString(sum[:8]),
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
		panic("graphiql: compress into memory: " + err.Error()) // a buffer takes every write
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
