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

// Siteverify asks a service by the protocol of that name: it posts secret and response
// as a form and is answered JSON with success and error-codes.
type Siteverify struct {
	URL    string
	Secret string
	Client *egress.Client
}

// AnswerBytes is how much of an answer is read.
const AnswerBytes = 16 << 10

// ours is the error codes that no reader can bring about: they speak of our secret, or
// of the service.
var ours = []string{"missing-input-secret", "invalid-input-secret", "internal-error"}

// Verify asks the service.
func (s *Siteverify) Verify(ctx context.Context, solution string) (bool, error) {
	form := url.Values{"secret": {s.Secret}, "response": {solution}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	answer, err := s.Client.Post(ctx, s.URL, header, []byte(form.Encode()))
	if err != nil {
		return false, err
	}
	return judge(answer.Status, answer.Excerpt)
}

// judge is what an answer means.
func judge(status int, text []byte) (right bool, err error) {
	var said struct {
		Success *bool    `json:"success"`
		Codes   []string `json:"error-codes"`
	}
	switch err := json.Unmarshal(text, &said); {
	case status != http.StatusOK && status != http.StatusBadRequest: // some refuse with 400
		return false, fmt.Errorf("it answered %d", status)
	case err != nil:
		return false, fmt.Errorf("its answer is no JSON of siteverify: %w", err)
	case said.Success == nil:
		return false, errors.New("its answer says nothing of success")
	}
	for _, code := range said.Codes {
		if slices.Contains(ours, code) {
			return false, fmt.Errorf("it complains of %s; look at --captcha-url and --captcha-secret", code)
		}
	}
	if *said.Success && (status != http.StatusOK || len(said.Codes) > 0) {
		return false, fmt.Errorf("it answered %d with success and %d errors at once", status, len(said.Codes))
	}
	return *said.Success, nil
}
