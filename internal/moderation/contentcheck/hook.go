package contentcheck

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
)

// Hook calls a program of the operator: it posts {"text", "author", "article", "address"}
// and expects {"action": "pass" | "hold" | "reject", "why": "…"}.
type Hook struct {
	URL    string
	Client *http.Client
}

// Name returns the name that moderators read.
func (h *Hook) Name() string { return "hook" }

// Check posts the subject to the program.
func (h *Hook) Check(ctx context.Context, s Subject) (Finding, error) {
	var answer struct {
		Action string `json:"action"`
		Why    string `json:"why"`
	}
	err := post(ctx, h.Client, h.URL, map[string]string{"text": s.Text, "author": s.Author, "article": s.Article, "address": s.Address}, &answer)
	if err != nil {
		return Finding{}, err
	}
	action, known := map[string]wordfilter.Action{"pass": wordfilter.Pass, "hold": wordfilter.Hold, "reject": wordfilter.Reject}[answer.Action]
	if !known {
		return Finding{}, fmt.Errorf("it answered the action %.20q instead of pass, hold or reject", answer.Action)
	}
	return Finding{Action: action, Reason: answer.Why}, nil
}

// maxResponse limits how many bytes of a response are read.
const maxResponse = 64 << 10

// post sends in as JSON and decodes the response into out.
func post(ctx context.Context, client *http.Client, url string, in, out any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(in); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, &body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return fetch(client, r, out)
}

// fetch sends a request and decodes the response into out.
func fetch(client *http.Client, r *http.Request, out any) error {
	resp, err := client.Do(r)
	if err != nil {
		return redactQuery(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answered %s", resp.Status)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("decode its response: %w", err)
	}
	return nil
}
