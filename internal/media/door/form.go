package door

import (
	"io"
	"mime/multipart"

	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/media"
)

// form is what was read of a form.
type form struct {
	file *media.Incoming
	alt  string
	left int64 // how many bytes of fields it may still have
}

const partCost = 256 // bytes that a part counts besides its content

// part reads the next part; io.EOF after the last.
func (f *form) part(s *media.Service, next func() (*multipart.Part, error)) error {
	p, err := next()
	if err != nil {
		return err
	}
	if p.FileName() != "" {
		if f.file != nil {
			return fault.New(fault.BadUserInput, "the form has two files; send each in a request of its own")
		}
		f.file, err = s.Receive(p)
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
