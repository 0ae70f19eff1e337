package upload

import (
	"context"
	"io"
	"math"
	"mime/multipart"

	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// form is what was read of a form.
type form struct {
	file *media.Incoming
	alt  string
	left int64 // how many bytes of fields it may still have
	body *counted
}

// counted is a body of which only so much is read at a time: the parser of forms
// would keep ten megabytes of a part's head.
type counted struct {
	io.ReadCloser
	left int64
}

var errHead = fault.New(fault.TooExpensive, "the head of a part is too large; a name, a file name and a type are enough")

func (c *counted) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errHead
	}
	n, err := c.ReadCloser.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

const partCost = 256 // bytes that a part counts besides its content

// part reads the next part; io.EOF after the last.
func (f *form) part(ctx context.Context, s *media.Service, next func() (*multipart.Part, error)) error {
	f.body.left = around
	p, err := next()
	if err != nil {
		return err
	}
	f.body.left = math.MaxInt64
	if p.FileName() != "" {
		if f.file != nil {
			return fault.New(fault.BadUserInput, "the form has two files; send each in a request of its own")
		}
		f.file, err = s.Receive(ctx, p)
		return err
	}
	value, err := io.ReadAll(io.LimitReader(p, f.left+1))
	if f.left -= int64(len(value)) + partCost; err == nil && f.left < 0 {
		return fault.New(fault.TooExpensive, "the fields of the form are too large; beside the picture only alt is read")
	}
	if p.FormName() == "alt" {
		f.alt = string(value)
	}
	return err
}

func (f *form) discard() {
	if f.file != nil {
		f.file.Discard()
	}
}
