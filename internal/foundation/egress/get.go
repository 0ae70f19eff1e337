package egress

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxRedirects limits how many redirects Get follows.
const maxRedirects = 5

// StatusError is the status of a response without the requested content.
type StatusError int

// Error implements error.
func (e StatusError) Error() string {
	return fmt.Sprintf("it answers %d %s", int(e), http.StatusText(int(e)))
}

// Get requests an address and returns the content of the response, which the caller
// closes, for programs that the operator runs and not for requests of users. It follows
// redirects; each address is checked before it is dialled. The timeout includes reading.
func (c *Client) Get(ctx context.Context, address string, header http.Header) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	for range maxRedirects + 1 {
		response, err := c.get(ctx, address, header)
		if err != nil {
			cancel()
			return nil, withoutURL(err)
		}
		if response.StatusCode == http.StatusOK {
			return body{response.Body, cancel}, nil
		}
		_ = response.Body.Close()
		next, err := response.Location()
		if err != nil || response.StatusCode/100 != 3 {
			cancel()
			return nil, StatusError(response.StatusCode)
		}
		address = next.String()
	}
	cancel()
	return nil, fmt.Errorf("it redirects more than %d times", maxRedirects)
}

func (c *Client) get(ctx context.Context, address string, header http.Header) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "https" && !(c.plain && u.Scheme == "http") {
		ctx = context.WithValue(ctx, plainKey{}, true)
	}
	if u.Scheme == "http" && c.plain {
		ctx = context.WithValue(ctx, webKey{}, true)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header = header.Clone()
	return c.http.Do(r)
}

// body ends the request when it is closed.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
