package upload

import (
	"context"
	"io"
	"math"
	"mime/multipart"

	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// form is the state of a multipart form that is being read.
type form struct {
	file *media.Incoming
	alt  string
	left int64 // bytes that its fields may still have
	body *limitedBody

	stranger string // the network of a client without a token
}

// limitedBody limits the bytes of a part's header: the parser of mime/multipart would buffer
// ten megabytes.
type limitedBody struct {
	io.ReadCloser
	left int64
}

var errPartHeader = fault.New(fault.TooExpensive, "the header of a part is too large; a name, a file name and a type are enough")

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errPartHeader
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

const partOverhead = 256 // bytes that a part counts in addition to its content

// readPart reads the next part. It returns io.EOF after the last.
func (f *form) readPart(ctx context.Context, s *media.Service, next func() (*multipart.Part, error)) error {
	f.body.left = maxFormOverhead
	p, err := next()
	if err != nil {
		return err
	}
	f.body.left = math.MaxInt64
	if p.FileName() != "" {
		if f.file != nil {
			return fault.New(fault.BadUserInput, "the form has two files; send each in a request of its own")
		}
		f.file, err = s.ReceiveFrom(ctx, f.stranger, p)
		return err
	}
	value, err := io.ReadAll(io.LimitReader(p, f.left+1))
	if f.left -= int64(len(value)) + partOverhead; err == nil && f.left < 0 {
		return fault.New(fault.TooExpensive, "the fields of the form are too large; apart from the file only alt is read")
	}
	if p.FormName() == "alt" {
		f.alt = string(value)
	}
	return err
}

// discard deletes the file that was received.
func (f *form) discard() {
	if f.file != nil {
		f.file.Discard()
	}
}
