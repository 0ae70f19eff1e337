package captcha

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/tonggao/tonggao/internal/foundation/egress"
)

// Siteverify verifies solutions by the protocol of that name: it posts the secret and the
// solution as a form, and receives JSON with success and error-codes.
type Siteverify struct {
	URL    string
	Secret string
	Client *egress.Client
}

// AnswerBytes limits how many bytes of a response are read.
const AnswerBytes = 16 << 10

// serverErrors lists the error codes that a reader cannot cause: they are about the secret,
// or about the service itself.
var serverErrors = []string{"missing-input-secret", "invalid-input-secret", "internal-error"}

// Verify posts the solution to the service.
func (s *Siteverify) Verify(ctx context.Context, solution string) (bool, error) {
	form := url.Values{"secret": {s.Secret}, "response": {solution}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	answer, err := s.Client.Post(ctx, s.URL, header, []byte(form.Encode()))
	if err != nil {
		return false, err
	}
	return decode(answer.Status, answer.Excerpt)
}

// decode returns whether a response accepts the solution; an error where it does not say.
func decode(status int, text []byte) (correct bool, err error) {
	var response struct {
		Success *bool    `json:"success"`
		Codes   []string `json:"error-codes"`
	}
	switch err := json.Unmarshal(text, &response); {
	case status != http.StatusOK && status != http.StatusBadRequest: // some refuse with 400
		return false, fmt.Errorf("the captcha service responded with the status %d", status)
	case err != nil:
		return false, fmt.Errorf("decode the response of the captcha service: %w", err)
	case response.Success == nil:
		return false, errors.New("the response of the captcha service has no success field")
	}
	for _, code := range response.Codes {
		if slices.Contains(serverErrors, code) {
			return false, fmt.Errorf("the captcha service reports %s; check --captcha-url and --captcha-secret", code)
		}
	}
	if *response.Success && (status != http.StatusOK || len(response.Codes) > 0) {
		return false, fmt.Errorf("the captcha service responded with the status %d, success and %d errors", status, len(response.Codes))
	}
	return *response.Success, nil
}
