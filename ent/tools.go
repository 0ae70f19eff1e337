//go:build tools

package ent

// The generator of this package, which no package of the program imports.
import (
	_ "entgo.io/contrib/entgql"
	_ "entgo.io/ent/entc"
)
