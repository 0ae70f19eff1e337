// Package upload receives files at POST /upload and serves them: pictures at GET /media/ and
// the files of reports at GET /attachments/.
//
// A request uploads one file, as the only file of a multipart form or as the body. Its name and
// declared type are ignored. Invariants: no byte of a body is read before the token, or the
// receipt of a report, is checked; and a file is served with a type that was detected from its
// content, never with one that a browser would run.
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

// maxFormOverhead bounds the bytes of a form in addition to its file.
const maxFormOverhead = 64 << 10

// Options are what Upload needs.
type Options struct {
	Pictures *media.Service
	BaseURL  string // prefix of addresses; may be empty
	Observe  func(outcome string, bytes int64)

	Attachments Attachments // of reports
	Pace        Pace        // of files of reports
}

// Upload returns the handler of POST /upload.
func Upload(o Options) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		response, bytes, err := receiveAndStore(o, w, r)
		if err != nil {
			w.Header().Set("Connection", "close") // the rest of the body is not read
			o.Observe(string(fault.CodeOf(err)), 0)
			return err
		}
		o.Observe("OK", bytes)
		text, err := json.Marshal(response)
		if err != nil {
			return fmt.Errorf("encode the response to an upload: %w", err)
		}
		h := w.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(append(text, '\n')) // fails only if the client is gone
		return nil
	}
}

// storedBytes returns the size of all files of a picture.
func storedBytes(p *ent.Picture) (bytes int64) {
	for _, f := range p.Files {
		bytes += int64(f.Bytes)
	}
	return bytes
}

// receiveAndStore stores a picture, or with a receipt a file of its report. It returns the
// response and the number of bytes that are stored.
func receiveAndStore(o Options, w http.ResponseWriter, r *http.Request) (response any, bytes int64, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, 0, fault.New(fault.BadUserInput, "a file is sent with POST")
	}
	ctx, receipt := r.Context(), r.Header.Get(ReceiptHeader)
	if receipt != "" {
		err = o.Attachments.Admit(ctx, receipt)
	} else {
		err = o.Pictures.Allow(ctx)
	}
	if err != nil {
		return nil, 0, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, o.Pictures.Limit()+maxFormOverhead)
	stranger := ""
	if receipt != "" {
		stranger, r.Body = network(ctx), newPacedBody(w, r, o.Pace)
	}
	in, alt, err := receive(o.Pictures, stranger, r)
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
	return newUploadedPicture(p, o.BaseURL), storedBytes(p), nil
}

// receive reads the file and its alternative text: from the parts of a form in any order, or
// from the body and ?alt=.
func receive(s *media.Service, stranger string, r *http.Request) (*media.Incoming, string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if !strings.HasPrefix(kind, "multipart/") {
		in, err := s.ReceiveFrom(r.Context(), stranger, r.Body)
		return in, r.URL.Query().Get("alt"), err
	}
	body := &limitedBody{r.Body, maxFormOverhead}
	r.Body = body
	parts, readErr := r.MultipartReader()
	if err := errors.Join(err, readErr); err != nil {
		return nil, "", fault.Wrap(err, fault.BadUserInput, "this is not a form: send multipart/form-data, or the bytes of the picture as the body")
	}
	f := form{left: maxFormOverhead, body: body, stranger: stranger}
	for err == nil {
		err = f.readPart(r.Context(), s, parts.NextRawPart)
	}
	if err == io.EOF && f.file == nil {
		err = fault.New(fault.BadUserInput, "the form has no file; send the picture as a part with a file name")
	}
	if err != io.EOF {
		f.discard()
		return nil, "", formError(err)
	}
	return f.file, f.alt, nil
}

// formError returns the fault for an error of reading a form.
func formError(err error) error {
	var f *fault.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.Wrap(err, fault.TooExpensive, "the form is too large; send one file and short fields")
	case errors.As(err, &f):
		return err
	}
	return fault.Wrap(err, fault.BadUserInput, "the form is malformed or incomplete; send it again")
}
