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

// NameOf returns the name of the file behind an address in canonical form, which is the path
// of a file and nothing else: no host, query, dot segments or encodings.
func NameOf(address string) (name string, ok bool) {
	name, ok = strings.CutPrefix(address, Prefix)
	return name, ok && isName(name)
}

// isName reports whether a text is the name of a file.
func isName(name string) bool {
	hash, file, found := strings.Cut(name, "/")
	width, extension, dot := strings.Cut(file, ".")
	if !found || !dot || len(hash) != 2*hashSize || strings.Trim(hash, "0123456789abcdef") != "" ||
		width == "" || len(width) > 6 || width[0] == '0' || strings.Trim(width, "0123456789") != "" {
		return false
	}
	switch extension {
	case "jpg", "png", "gif", "webp":
		return true
	}
	return false
}

// Canonical returns an address as documents store it. An address that leads to an uploaded
// picture, however it is spelled, becomes the path of the file behind its scheme and host, if
// it has any: the host is not compared, as the hash identifies the picture wherever it is
// served from. Other addresses stay as they are. It returns false for another spelling of a
// path below Prefix that leads to no picture.
func Canonical(src string) (string, bool) {
	u, clean, ok := parse(src)
	if !ok {
		return src, true
	}
	if _, ok := NameOf(clean); ok {
		if u.Host == "" {
			return clean, true
		}
		return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: clean}).String(), true
	}
	return src, u.Host != "" || !strings.HasPrefix(clean, Prefix) || (&url.URL{Path: clean}).EscapedPath() == src
}

// parse parses an address that has a path, and returns its path as browsers and servers
// resolve it: decoded, without repeated slashes, backslashes, dot segments and the query.
func parse(src string) (u *url.URL, clean string, ok bool) {
	end := strings.IndexAny(src, "?#")
	if end < 0 {
		end = len(src)
	}
	u, err := url.Parse(strings.ReplaceAll(src[:end], `\`, "/"))
	if err != nil || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") {
		return nil, "", false
	}
	return u, path.Clean(u.Path), true
}

// FileOf returns the name of the file that an address leads to, on any host and in any
// spelling, or "" if that is not an uploaded picture.
func FileOf(src string) string {
	_, clean, _ := parse(src)
	name, ok := NameOf(clean)
	if !ok {
		return ""
	}
	return name
}

// HashOf returns the hash of the picture that an address leads to, or "" if it is not an
// uploaded one.
func HashOf(src string) string {
	hash, _, _ := strings.Cut(FileOf(src), "/")
	return hash
}

// IsWidth reports whether the file of a name has the width.
func IsWidth(name string, width int) bool {
	_, file, _ := strings.Cut(name, "/")
	return strings.HasPrefix(file, strconv.Itoa(width)+".")
}
