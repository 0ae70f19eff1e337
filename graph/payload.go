package graph

import (
	"errors"

	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// orNull makes null of what is not found.
func orNull[T any](found *T, err error) (*T, error) {
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return found, err
}

// must makes an error of what is missing though the schema promises it.
func must[T any](found *T, err error) (*T, error) {
	if err == nil && found == nil {
		return nil, errors.New("a row that others refer to is missing; run `tonggao doctor`")
	}
	return found, err
}

// orEmpty makes an empty list of none.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// userErrors takes what is wrong with an input out of err; any other error stays
// one.
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

func deletePayload(id string, err error) (*model.DeletePayload, error) {
	invalid, err := userErrors(err)
	if err != nil || len(invalid) > 0 {
		return &model.DeletePayload{UserErrors: invalid}, err
	}
	return &model.DeletePayload{DeletedID: &id, UserErrors: invalid}, nil
}
