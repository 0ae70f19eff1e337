package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// To create a database takes PostgreSQL longer than most tests take. So a server keeps a pool
// of migrated databases that all processes share. A test holds one by an advisory lock, which
// also ends with its process, and empties it first. The comment on a database is the
// fingerprint of its schema: a test may have changed that, and then it is made again.

// pooled returns the address of an empty, migrated database that belongs to the test alone.
func pooled(t testing.TB, server, template string) (dsn string, err error) {
	ctx := context.Background()
	db, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { _ = db.Close() })
	holder, err := db.Conn(ctx) // the lock belongs to the connection
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { _ = holder.Close() })
	name, err := claim(ctx, holder, strings.Replace(template, "template", "pool", 1)+"_")
	if err != nil {
		return "", fmt.Errorf("claim a database: %w", err)
	}
	if dsn, err = databaseOf(server, name); err != nil {
		return "", err
	}
	if used, err := empty(ctx, dsn); err == nil && used {
		return dsn, nil
	}
	return dsn, makePooled(ctx, holder, dsn, name, template)
}

// claim locks a database of the pool, or the name of a new one.
func claim(ctx context.Context, holder *sql.Conn, prefix string) (name string, err error) {
	err = holder.QueryRowContext(ctx, `WITH pool AS MATERIALIZED (SELECT datname FROM pg_database WHERE starts_with(datname, $1))
		SELECT datname FROM pool WHERE pg_try_advisory_lock(hashtext(datname)) LIMIT 1`, prefix).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		name = prefix + strings.ToLower(rand.Text()[:8])
		_, err = holder.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", name)
	}
	return name, err
}

// makePooled makes a database of the pool from the template.
func makePooled(ctx context.Context, holder *sql.Conn, dsn, name, template string) error {
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name + " TEMPLATE " + template} {
		if _, err := holder.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make a database: %w", err)
		}
	}
	return execute(dsn, "DO $$ DECLARE seeded name; BEGIN "+seeding+" EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), ("+fingerprint+")); END $$")
}

// empty removes all rows and resets all sequences. It reports whether the schema is as the
// database was made with; a connection that an earlier test left open is ended.
func empty(ctx context.Context, dsn string) (same bool, err error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, "SELECT coalesce(shobj_description(oid, 'pg_database') = ("+fingerprint+"), false) FROM pg_database WHERE datname = current_database()").Scan(&same)
	if err == nil && same {
		_, err = db.ExecContext(ctx, cleaning)
	}
	return same, err
}

const (
	fingerprint = `SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
		SELECT concat_ws(' ', relname, relkind, attname, atttypid, attnotnull) AS part
			FROM pg_class c LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT concat_ws(' ', conname, contype) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT concat_ws(' ', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'seed'
		UNION ALL SELECT concat_ws(' ', 'version', version_id) FROM goose_db_version) parts`

	// seeding keeps the rows that migrations insert.
	seeding = `CREATE SCHEMA seed;
		FOR seeded IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
			AND relname <> 'goose_db_version' AND pg_relation_size(oid) > 0 LOOP
			EXECUTE format('CREATE TABLE seed.%I AS TABLE %I', seeded, seeded);
		END LOOP;`

	cleaning = `DO $$ DECLARE used text; seeded name; BEGIN
		PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
		SELECT string_agg(oid::regclass::text, ', ') INTO used FROM pg_class
			WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'goose_db_version' AND pg_relation_size(oid) > 0;
		IF used IS NOT NULL THEN EXECUTE 'TRUNCATE ' || used || ' CASCADE'; END IF;
		FOR seeded IN SELECT relname FROM pg_class WHERE relnamespace = 'seed'::regnamespace AND relkind = 'r' LOOP
			EXECUTE format('INSERT INTO %I SELECT * FROM seed.%I', seeded, seeded);
		END LOOP;
		PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence WHERE seqrelid <> 'goose_db_version_id_seq'::regclass;
	END $$`
)
