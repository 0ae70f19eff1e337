// Package migrations embeds the SQL migrations of each engine, one folder an engine.
// Migrations that were released never change; a new one gets the next number. It does
// not apply them: package store does.
package migrations

import "embed"

// FS holds the folders sqlite and postgres.
//
//go:embed sqlite postgres
var FS embed.FS
