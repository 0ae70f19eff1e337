package graph

import (
	"errors"

	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// orNull turns a NOT_FOUND error into null.
func orNull[T any](found *T, err error) (*T, error) {
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return found, err
}

// required returns an error for a missing row that the schema declares non-null.
func required[T any](found *T, err error) (*T, error) {
	if err == nil && found == nil {
		return nil, errors.New("a row that another one refers to is missing; run `tonggao doctor`")
	}
	return found, err
}

// orEmpty returns an empty list for nil.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// userErrors returns the errors of the input that err carries. Any other error remains one.
func userErrors(err error) ([]*model.UserError, error) {
	list := []*model.UserError{}
	var invalid fault.Invalid
	if !errors.As(err, &invalid) {
		return list, err
	}
	for _, f := range invalid {
		list = append(list, &model.UserError{Code: f.Code, Field: f.Field, Message: f.Message})
	}
	return list, nil
}

// deletePayload returns the payload of a deletion of id that ended with err.
func deletePayload(id string, err error) (*model.DeletePayload, error) {
	invalid, err := userErrors(err)
	if err != nil || len(invalid) > 0 {
		return &model.DeletePayload{UserErrors: invalid}, err
	}
	return &model.DeletePayload{DeletedID: &id, UserErrors: invalid}, nil
}

// deref returns *s, or "" for nil.
func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// orNil returns nil for an empty s.
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// orNilInt returns nil for 0.
func orNilInt(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}
