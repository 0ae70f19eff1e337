// Package mediaurl names the files of uploaded pictures in the API, in documents and in
// storage: <hash>/<width>.<extension>. The content behind a name never changes, so that
// it can be cached without limit. The package does not read or store files.
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

// Prefix is the path under which the files are served.
const Prefix = "/media/"

const hashSize = 20 // bytes; enough against guesses and collisions

// Hash returns the name of a picture, from the SHA-256 of the uploaded file.
func Hash(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:hashSize]) }

// Name returns the name of a file in storage.
func Name(hash string, width int, extension string) string {
	return fmt.Sprintf("%s/%d.%s", hash, width, extension)
}

// Path returns the path of a file on the site.
func Path(name string) string { return Prefix + name }

// Folder returns the path under which all files of a picture are served.
func Folder(hash string) string { return Prefix + hash + "/" }

// NameOf returns the name of the file behind a URL, and false for any other URL. The host
// is not compared: the hash identifies the picture, wherever it is served from.
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

// HashOf returns the hash of the picture behind a URL, or "" if it is not an uploaded one.
func HashOf(src string) string {
	name, _ := NameOf(src)
	hash, _, _ := strings.Cut(name, "/")
	return hash
}

// IsWidth reports whether the file of a name has the width.
func IsWidth(name string, width int) bool {
	_, file, _ := strings.Cut(name, "/")
	return strings.HasPrefix(file, strconv.Itoa(width)+".")
}
