// Package address is how the files of uploaded pictures are called, in the API,
// in documents and in storage: <hash>/<width>.<ending>. What an address leads to
// never changes, so everybody may keep it for ever.
package mediaurl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Prefix is the path below which the files are served.
const Prefix = "/media/"

const hashSize = 20 // bytes; as many as make a guess or a collision hopeless

// Hash names a picture after what was uploaded.
func Hash(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:hashSize]) }

// Name is the name of a file in storage.
func Name(hash string, width int, extension string) string {
	return fmt.Sprintf("%s/%d.%s", hash, width, extension)
}

// Path is the address of a file.
func Path(name string) string { return Prefix + name }

// Folder is where all files of a picture are served.
func Folder(hash string) string { return Prefix + hash + "/" }

// NameOf is the name of the file that an address leads to. Hosts are not compared:
// the hash says which picture it is, wherever it is served from.
func NameOf(src string) (name string, ok bool) {
	u, err := url.Parse(src)
	if err != nil || u.RawQuery != "" || u.Opaque != "" {
		return "", false
	}
	name, ok = strings.CutPrefix(u.Path, Prefix)
	hash, file, found := strings.Cut(name, "/")
	width, extension, dot := strings.Cut(file, ".")
	if !ok || !found || !dot || path.Clean(name) != name || len(hash) != 2*hashSize || strings.Trim(hash, "0123456789abcdef") != "" ||
		width == "" || len(width) > 6 || width[0] == '0' || strings.Trim(width, "0123456789") != "" {
		return "", false
	}
	switch extension {
	case "jpg", "png", "gif", "webp":
		return name, true
	}
	return "", false
}

// HashOf is the hash of the picture that an address leads to; empty: none of ours.
func HashOf(src string) string {
	name, _ := NameOf(src)
	hash, _, _ := strings.Cut(name, "/")
	return hash
}

// IsWidth reports whether the file of a name is that wide.
func IsWidth(name string, width int) bool {
	_, file, _ := strings.Cut(name, "/")
	return strings.HasPrefix(file, strconv.Itoa(width)+".")
}
