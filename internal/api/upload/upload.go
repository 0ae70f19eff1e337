// Package door is the HTTP face of what is uploaded: one way in, POST /upload, and ways
// out, GET /media/ for pictures and GET /attachments/ for the files of reports.
//
// In: one file a request, as the only file of a form or as the body itself, of any
// name and any stated type; both are ignored. Nobody without the right token, or for the
// files of a report its receipt, gets a byte read. Out: pictures, with a type that this
// package chose by their name, and files of reports, at signed links, with the type that
// their first bytes told; never one that a browser could run.
package upload

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// around is how many bytes of a form may stand around its file.
const around = 64 << 10

// Options are what the way in needs.
type Options struct {
	Pictures *media.Service
	BaseURL  string // put before addresses; may be empty
	Observe  func(outcome string, bytes int64)

	Attachments Attachments // of reports
}

// Upload takes pictures in. What it refuses it returns, for the server to say.
func Upload(o Options) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		took, bytes, err := take(o, w, r)
		if err != nil {
			w.Header().Set("Connection", "close") // the rest of what comes is not wanted
			o.Observe(string(fault.CodeOf(err)), 0)
			return err
		}
		o.Observe("OK", bytes)
		answer, err := json.Marshal(took)
		if err != nil {
			return fmt.Errorf("write the answer to an upload: %w", err)
		}
		h := w.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(append(answer, '\n')) // a client that went away is no error of ours
		return nil
	}
}

// kept is how many bytes all files of a picture have.
func kept(p *ent.Picture) (bytes int64) {
	for _, f := range p.Files {
		bytes += int64(f.Bytes)
	}
	return bytes
}

// take takes a picture in, or with a receipt a file of its report, and says what it is
// told and how many bytes are kept.
func take(o Options, w http.ResponseWriter, r *http.Request) (told any, bytes int64, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, 0, fault.New(fault.BadUserInput, "a file is sent with POST")
	}
	ctx, receipt := r.Context(), r.Header.Get(Receipt)
	if receipt != "" {
		err = o.Attachments.Admit(ctx, receipt)
	} else {
		err = o.Pictures.Allow(ctx)
	}
	if err != nil {
		return nil, 0, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, o.Pictures.Limit()+around)
	in, alt, err := receive(o.Pictures, r)
	if err != nil {
		return nil, 0, err
	}
	defer in.Discard()
	if receipt != "" {
		return attach(ctx, o, receipt, in)
	}
	p, err := o.Pictures.Add(ctx, in, alt)
	if err != nil {
		return nil, 0, err
	}
	return answerOf(p, o.BaseURL), kept(p), nil
}

// receive reads the file, and what it shows: from a form in whatever order its
// parts come, or the body with ?alt=.
func receive(s *media.Service, r *http.Request) (*media.Incoming, string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if !strings.HasPrefix(kind, "multipart/") {
		in, err := s.Receive(r.Context(), r.Body)
		return in, r.URL.Query().Get("alt"), err
	}
	body := &counted{r.Body, around}
	r.Body = body
	parts, readErr := r.MultipartReader()
	if err := errors.Join(err, readErr); err != nil {
		return nil, "", fault.Wrap(err, fault.BadUserInput, "this is no form: send multipart/form-data, or the bytes of the picture as the body")
	}
	f := form{left: around, body: body}
	for err == nil {
		err = f.part(r.Context(), s, parts.NextRawPart)
	}
	if err == io.EOF && f.file == nil {
		err = fault.New(fault.BadUserInput, "the form has no file; send the picture as a part with a file name")
	}
	if err != io.EOF {
		f.discard()
		return nil, "", broken(err)
	}
	return f.file, f.alt, nil
}

// broken is what went wrong with a form.
func broken(err error) error {
	var f *fault.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.Wrap(err, fault.TooExpensive, "the form is too large; send one picture, and little beside it")
	case errors.As(err, &f):
		return err
	}
	return fault.Wrap(err, fault.BadUserInput, "the form is broken or broke off; send it again")
}
