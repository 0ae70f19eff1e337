// Package demo is being written.
package demo

import (
	"context"

	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/store"
)

func Empty(context.Context, *store.Store) (bool, error)         { return true, nil }
func Fill(context.Context, *store.Store, instant.Instant) error { return nil }
