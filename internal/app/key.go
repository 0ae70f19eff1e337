package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
)

// Keys is what secrets and what tells of persons are sealed with: what the operator
// configured, or else the key in a file beside the SQLite database, which is made
// when it is missing. On PostgreSQL there is none without configuration: replicas
// need the same. It looks when it is called, which is once the database is there.
func Keys(c config.Config, logger *slog.Logger) func() (seal.Ring, error) {
	path, embedded := strings.CutPrefix(c.Database, "sqlite:")
	switch {
	case c.SecretKey != "":
		return func() (seal.Ring, error) { return seal.Parse(c.SecretKey) }
	case !embedded:
		return func() (seal.Ring, error) {
			logger.Warn("there is no key: addresses and what reporters state are written open, and there are no webhooks; " +
				"`openssl rand -base64 32` makes one, TONGGAO_SECRET_KEY takes it")
			return seal.Ring{}, nil
		}
	}
	return func() (seal.Ring, error) {
		logger.Info("secrets and what tells of persons are sealed with the key in a file; back it up apart from the database", "file", path+".key")
		return keyIn(path + ".key")
	}
}

// keyIn is the key in a file, which is made where there is none.
func keyIn(path string) (seal.Ring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = writeKey(path, seal.NewKey()); err == nil || errors.Is(err, fs.ErrExist) { // or another process was first
			text, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return seal.Ring{}, fault.Wrap(err, fault.Unavailable, "the file %s, which holds the key that secrets are sealed with, cannot be read or made", path)
	}
	ring, err := seal.Parse(string(text))
	if err != nil || ring.Empty() {
		return seal.Ring{}, fault.Wrap(err, fault.BadUserInput, "the file %s holds no key; bring it back from a backup, or move it away for a new one: what the old one sealed is lost then", path)
	}
	return ring, nil
}

// writeKey makes the file at once, with all that is in it, for its owner only.
func writeKey(path, text string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // has mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.WriteString(text + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}
