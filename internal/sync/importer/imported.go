package importer

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/tonggao/tonggao/ent"
)

// imported is the row of a record of another system: see the migration.
type imported struct {
	source, item  string
	read, written string // hashes; read is empty where the record must be read again
	facts         string
}

// lookUp returns the rows of keys in the table imported, by their keys.
func lookUp(ctx context.Context, c *ent.Client, keys []string) (found map[string]*imported, err error) {
	found = map[string]*imported{}
	if len(keys) == 0 {
		return found, nil
	}
	args, places := make([]any, len(keys)), make([]string, len(keys))
	for i, key := range keys {
		args[i], places[i] = key, fmt.Sprintf("$%d", i+1)
	}
	rows, err := c.QueryContext(ctx, "SELECT source, item, read_hash, written_hash, facts FROM imported WHERE source IN ("+strings.Join(places, ", ")+")", args...)
	if err != nil {
		return nil, fmt.Errorf("look up what was imported: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row := &imported{}
		if err := rows.Scan(&row.source, &row.item, &row.read, &row.written, &row.facts); err != nil {
			return nil, fmt.Errorf("look up what was imported: %w", err)
		}
		found[row.source] = row
	}
	return found, rows.Err()
}

// save writes the row, in place of an earlier one.
func (row imported) save(ctx context.Context, c *ent.Client) error {
	_, err := c.ExecContext(ctx, `INSERT INTO imported (source, item, read_hash, written_hash, facts) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (source) DO UPDATE SET item = excluded.item, read_hash = excluded.read_hash, written_hash = excluded.written_hash, facts = excluded.facts`,
		row.source, row.item, row.read, row.written, row.facts)
	if err != nil {
		return fmt.Errorf("note what was imported: %w", err)
	}
	return nil
}

// saveAddress notes an address of an item. It reports false where another item has it.
func saveAddress(ctx context.Context, c *ent.Client, path, item string) (free bool, err error) {
	if _, err = c.ExecContext(ctx, "INSERT INTO addresses (path, item) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING", path, item); err != nil {
		return false, fmt.Errorf("note an address: %w", err)
	}
	rows, err := c.QueryContext(ctx, "SELECT item FROM addresses WHERE path = $1", path)
	if err != nil {
		return false, fmt.Errorf("read an address: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var holder string
		if err := rows.Scan(&holder); err != nil {
			return false, fmt.Errorf("read an address: %w", err)
		}
		free = holder == item
	}
	return free, rows.Err()
}

// maxAddress limits the length of an address that is kept, in bytes.
const maxAddress = 1000

// pathOf returns the path and query of an address, as they are kept; false for one that
// leads nowhere on the site.
func pathOf(address string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Opaque != "" {
		return "", false
	}
	path := "/" + strings.TrimLeft(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path, path != "/" && len(path) <= maxAddress
}
