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

// Keys returns a function that loads the keys that encrypt secrets and personal data: those
// of the configuration, or else the key in a file next to the SQLite database, which is
// created when it is missing. On PostgreSQL there is none without configuration, because
// all replicas need the same one. The function is called once the database exists.
func Keys(c config.Config, logger *slog.Logger) func() (seal.Ring, error) {
	path, embedded := strings.CutPrefix(c.Database, "sqlite:")
	switch {
	case c.SecretKey != "":
		return func() (seal.Ring, error) { return seal.Parse(c.SecretKey) }
	case !embedded:
		return func() (seal.Ring, error) {
			logger.Warn("no encryption key: addresses and statements of reporters are stored in plain text, and webhooks are off; " +
				"create a key with `openssl rand -base64 32` and set TONGGAO_SECRET_KEY")
			return seal.Ring{}, nil
		}
	}
	return func() (seal.Ring, error) {
		logger.Info("secrets and personal data are encrypted with the key in a file; back it up separately from the database", "file", path+".key")
		return readKey(path + ".key")
	}
}

// readKey reads the key in a file, which it creates if there is none.
func readKey(path string) (seal.Ring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = writeKey(path, seal.NewKey()); err == nil || errors.Is(err, fs.ErrExist) { // another process may have created it first
			text, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return seal.Ring{}, fault.Wrap(err, fault.Unavailable, "the key file %s cannot be read or created", path)
	}
	ring, err := seal.Parse(string(text))
	if err != nil || ring.Empty() {
		return seal.Ring{}, fault.Wrap(err, fault.BadUserInput, "the file %s holds no key; restore it from a backup, or move it away to create a new one: values encrypted with the old one are lost then", path)
	}
	return ring, nil
}

// writeKey creates the file atomically, readable by its owner only.
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
	if err := os.Link(file.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path)) // its name must survive a power failure too
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
