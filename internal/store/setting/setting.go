// Package setting stores named values of the installation: the site's facts, key
// material, positions of background work. There is one table and one way to read
// and write it. Values are strings; JSON is a convenience on top.
//
// Settings have no viewer: the caller decides who may read or change one, and no
// name is ever taken from a request.
package setting

import (
	"context"
	"encoding/json"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/setting"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Get returns the value stored under name, and whether there is one.
func Get(ctx context.Context, c *ent.Client, name string) (value string, ok bool, err error) {
	row, err := c.Setting.Get(invalidation.OfSetting(viewer.AsSystem(ctx), name), name)
	switch {
	case ent.IsNotFound(err):
		return "", false, nil
	case err != nil:
		return "", false, fmt.Errorf("read the setting %s: %w", name, err)
	}
	return row.Value, true, nil
}

// Put stores value under name, replacing what was there. It joins the transaction of c.
func Put(ctx context.Context, c *ent.Client, name, value string) error {
	_, err := c.ExecContext(invalidation.OfSetting(ctx, name), "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	if err != nil {
		return fmt.Errorf("write the setting %s: %w", name, err)
	}
	return nil
}

// Ensure stores value under name unless there is one, and returns the value that is
// stored then. Programs that call it at the same moment get the same value.
func Ensure(ctx context.Context, c *ent.Client, name, value string) (string, error) {
	_, err := c.ExecContext(invalidation.OfSetting(ctx, name), "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, value)
	if err != nil {
		return "", fmt.Errorf("write the setting %s: %w", name, err)
	}
	stored, ok, err := Get(ctx, c, name)
	if err == nil && !ok {
		err = fmt.Errorf("the setting %s was deleted at the same moment", name)
	}
	return stored, err
}

// Delete removes the setting; deleting what does not exist is no error.
func Delete(ctx context.Context, c *ent.Client, name string) error {
	if _, err := c.Setting.Delete().Where(setting.ID(name)).Exec(invalidation.OfSetting(viewer.AsSystem(ctx), name)); err != nil {
		return fmt.Errorf("delete the setting %s: %w", name, err)
	}
	return nil
}

// WithPrefix returns all settings whose name begins with prefix, sorted by name.
func WithPrefix(ctx context.Context, c *ent.Client, prefix string) ([]*ent.Setting, error) {
	rows, err := c.Setting.Query().Where(func(q *sql.Selector) { q.Where(sql.HasPrefix(q.C(setting.FieldID), prefix)) }).
		Order(setting.ByID()).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the settings %s*: %w", prefix, err)
	}
	return rows, nil
}

// GetJSON decodes the value stored under name into to, which stays as it is where
// there is none. It reports whether there is one.
func GetJSON(ctx context.Context, c *ent.Client, name string, to any) (bool, error) {
	value, ok, err := Get(ctx, c, name)
	if err != nil || !ok {
		return false, err
	}
	if err := json.Unmarshal([]byte(value), to); err != nil {
		return false, fmt.Errorf("decode the setting %s: %w", name, err)
	}
	return true, nil
}

// PutJSON stores from, encoded, under name.
func PutJSON(ctx context.Context, c *ent.Client, name string, from any) error {
	value, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("encode the setting %s: %w", name, err)
	}
	return Put(ctx, c, name, string(value))
}
