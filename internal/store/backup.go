package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	stdsql "database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Backup writes a consistent copy of the embedded database at url to a new file, while
// others read and write it, and its checksum to another next to it (ChecksumSuffix). The
// schema stays as it is: a backup is made before an upgrade.
func Backup(ctx context.Context, url, file string) (err error) {
	d, err := connect(ctx, Options{URL: url, MustExist: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if d.Dialect() != dialect.SQLite {
		return fault.New(fault.BadUserInput, "backup is for the embedded database; for PostgreSQL use pg_dump, or `tonggao export`")
	}
	if _, err := os.Lstat(file); err == nil {
		return fault.New(fault.BadUserInput, "%s exists already; name a new file", file)
	}
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.Wrap(err, fault.Unavailable, "%s is in the way; remove it", part)
	}
	if err := os.WriteFile(part, nil, 0o600); err != nil { // SQLite fills an empty file
		return fault.Wrap(err, fault.Unavailable, "the backup cannot be written to %s; check the folder", file)
	}
	if err := d.vacuumInto(ctx, part); err != nil {
		return errors.Join(fault.Wrap(err, fault.Unavailable, "the backup cannot be written to %s; check the folder and the free space", file), os.Remove(part))
	}
	if err := errors.Join(fsync(part), writeChecksum(part, file)); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the backup cannot be written to %s; check the folder and the free space", file)
	}
	if err := os.Rename(part, file); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the backup cannot be moved to %s", file)
	}
	return fsync(filepath.Dir(file))
}

// vacuumInto copies on a connection of its own: the readers may not write, not even to
// another file, and the writer would be blocked.
func (d *driver) vacuumInto(ctx context.Context, file string) (err error) {
	db, err := stdsql.Open(sqliteFrugal, fileURI(d.path)+"?mode=rw&_busy_timeout=5000")
	if err != nil {
		return fmt.Errorf("open the database to copy it: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err = db.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	return nil
}

// Restore replaces the database at url, which no process may have open, by a backup, after
// it has compared it with its checksum where there is one. It returns the name under which
// the old database was set aside; empty if there was none. At every moment there is a whole
// database at url: the old one or the new one.
func Restore(ctx context.Context, url, backup string, now time.Time) (aside string, err error) {
	path, isSQLite := strings.CutPrefix(url, "sqlite:")
	if !isSQLite {
		return "", fault.New(fault.BadUserInput, "restore is for the embedded database; for PostgreSQL use pg_restore, or `tonggao import --format ndjson`")
	}
	if err := checkBackup(ctx, backup); err != nil {
		return "", err
	}
	want, err := Checksum(backup)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "the folder of %s cannot be made", path)
	}
	part := path + ".part"
	sum, err := copyFile(part, backup)
	if err != nil {
		return "", errors.Join(fault.Wrap(err, fault.Unavailable, "the backup cannot be copied to the folder of %s; check the free space", path), os.Remove(part))
	}
	if want != "" && sum != want {
		return "", errors.Join(fault.New(fault.BadUserInput, "%s is damaged: it has the checksum %s instead of %s; nothing was changed, use another backup", backup, sum, want), os.Remove(part))
	}
	if err := renewEpoch(ctx, part); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	if aside, err = setAside(ctx, path, now); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, path); err != nil {
		return aside, fmt.Errorf("move the backup into place: %w", err)
	}
	return aside, fsync(filepath.Dir(path))
}

// EpochSetting names the setting with the epoch of the change log, which makes cursors of
// before a restore invalid; see changefeed.Cursor.
const EpochSetting = "changes_epoch"

// NewEpoch returns a new value for EpochSetting.
func NewEpoch() string { return strings.ToLower(rand.Text()[:10]) }

// renewEpoch begins a new epoch in a copy of a backup: its change log continues with other
// entries than those that clients may have read.
func renewEpoch(ctx context.Context, file string) (err error) {
	db, err := stdsql.Open(sqliteFrugal, fileURI(file)+"?mode=rw&_synchronous=FULL")
	if err != nil {
		return fmt.Errorf("open the copy of the backup: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		EpochSetting, NewEpoch())
	if err != nil {
		return fmt.Errorf("begin a new epoch of the change log: %w", err)
	}
	return nil
}

// checkBackup returns an error unless backup is a sound database of this program.
func checkBackup(ctx context.Context, backup string) (err error) {
	if _, err := os.Stat(backup); err != nil {
		return fault.Wrap(err, fault.BadUserInput, "the backup %s cannot be read", backup)
	}
	db, err := stdsql.Open(sqliteFrugal, fileURI(backup)+"?mode=ro&immutable=1")
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil || found != "ok" {
		return fault.Wrap(err, fault.BadUserInput, "%s is damaged or is no backup of Tonggao; nothing was changed", backup)
	}
	var tables int
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('articles', 'goose_db_version')").Scan(&tables)
	if err != nil || tables != 2 {
		return fault.Wrap(err, fault.BadUserInput, "%s is a database, but not one of Tonggao; nothing was changed", backup)
	}
	return nil
}

// setAside gives the database at path a second name, after checking that no process has it
// open.
func setAside(ctx context.Context, path string, now time.Time) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err := requireUnused(ctx, path); err != nil {
		return "", err
	}
	aside := path + ".before-restore-" + now.UTC().Format("20060102T150405.000")
	err := os.Link(path, aside)
	if err != nil { // a disk without links
		_, err = copyFile(aside, path)
	}
	for _, suffix := range []string{"-wal", "-shm"} { // of a damaged database: a sound one has none now
		if renamed := os.Rename(path+suffix, aside+suffix); !errors.Is(renamed, os.ErrNotExist) {
			err = errors.Join(err, renamed)
		}
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "the old database %s cannot be set aside", path)
	}
	return aside, fsync(filepath.Dir(path))
}

// requireUnused returns an error while another process has the database open. A file that
// cannot be read as a database is not in use; restoring repairs it.
func requireUnused(ctx context.Context, path string) (err error) {
	db, err := stdsql.Open(sqliteFrugal, fileURI(path)+"?mode=rw&_locking_mode=EXCLUSIVE&_busy_timeout=0&_txlock=exclusive")
	if err != nil {
		return fmt.Errorf("open the database to see whether it is in use: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err == nil {
		return tx.Rollback()
	}
	if isBusy(err) {
		return fault.Wrap(err, fault.Unavailable, "the database %s is in use; stop `tonggao serve` first", path)
	}
	return nil
}

// ChecksumSuffix is the end of the name of the file with the SHA-256 of a backup, in the
// form of sha256sum.
const ChecksumSuffix = ".sha256"

// writeChecksum writes the checksum of content as that of file.
func writeChecksum(content, file string) (err error) {
	in, err := os.Open(content)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	hash := sha256.New()
	if _, err := io.Copy(hash, in); err != nil {
		return err
	}
	line := fmt.Sprintf("%x  %s\n", hash.Sum(nil), filepath.Base(file))
	if err := os.WriteFile(file+ChecksumSuffix, []byte(line), 0o600); err != nil {
		return err
	}
	return fsync(file + ChecksumSuffix)
}

// Checksum returns the checksum next to a backup; empty if there is none.
func Checksum(backup string) (string, error) {
	line, err := os.ReadFile(backup + ChecksumSuffix)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	sum, _, _ := strings.Cut(string(line), " ")
	if err != nil || len(sum) != hex.EncodedLen(sha256.Size) {
		return "", fault.Wrap(err, fault.BadUserInput, "%s holds no checksum; nothing was changed: bring it back, or remove it to restore without one", backup+ChecksumSuffix)
	}
	return sum, nil
}

// copyFile copies a file and returns the SHA-256 of what it wrote.
func copyFile(to, from string) (sum string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, hash), in); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), out.Sync()
}

// fsync makes a file, or the names in a folder, survive a power failure.
func fsync(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}
