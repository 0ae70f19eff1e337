package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// A problem is an error with a message for readers.
type problem struct {
	Status        int
	Code, Message string
}

func (p *problem) Error() string { return p.Message }

// statuses are the statuses of pages by the code of the API's error.
var statuses = map[string]int{"BAD_USER_INPUT": http.StatusBadRequest, "FORBIDDEN": http.StatusForbidden, "NOT_FOUND": http.StatusNotFound, "CONFLICT": http.StatusConflict,
	"LIMITED": http.StatusTooManyRequests, "TOO_EXPENSIVE": http.StatusRequestEntityTooLarge, "UNAVAILABLE": http.StatusServiceUnavailable}

// ask sends a query and decodes its data into out. If a field failed, out has the rest, and
// the error is a *problem with the API's own message.
func (s *Site) ask(r *http.Request, query string, variables map[string]any, out any) error {
	return s.askAs(r, "", query, variables, out)
}

// askAs sends a query with a token.
func (s *Site) askAs(r *http.Request, token, query string, variables map[string]any, out any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/graphql-response+json, application/json"}}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return s.post(r, "/graphql", header, bytes.NewReader(body), out)
}

// post sends a request to the API on behalf of r. It names the terminal, so that the API
// leaves out what the mobile site does not show, and asks for messages in Chinese.
func (s *Site) post(r *http.Request, path string, header http.Header, body io.Reader, out any) error {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, s.api.JoinPath(path).String(), body)
	if err != nil {
		return err
	}
	request.Header = header
	header.Set("X-Tonggao-Terminal", "WAP")
	header.Set("Accept-Language", "zh-CN")
	header.Set("X-Forwarded-For", forwarded(r))
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the API: %w", err)
	}
	defer response.Body.Close()
	var got struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 16<<20)).Decode(&got); err != nil {
		return fmt.Errorf("read the answer of the API (%s): %w", response.Status, err)
	}
	if len(got.Data) > 0 && out != nil {
		if err := json.Unmarshal(got.Data, out); err != nil {
			return fmt.Errorf("decode the answer of the API: %w", err)
		}
	}
	if len(got.Errors) == 0 {
		return nil
	}
	first := got.Errors[0]
	status, known := statuses[first.Extensions.Code]
	if !known {
		return fmt.Errorf("the API answered %s: %s", first.Extensions.Code, first.Message)
	}
	return &problem{Status: status, Code: first.Extensions.Code, Message: first.Message}
}
