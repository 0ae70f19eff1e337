package upload

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// ReceiptHeader has the receipt of a report. It is not in the address, which proxies log.
const ReceiptHeader = "X-Tonggao-Receipt"

// Attachments stores the files of reports.
type Attachments interface {
	// Admit returns an error if the client may not attach a file, before any of it is read.
	Admit(ctx context.Context, receipt string) error
	// Attach stores a file.
	Attach(ctx context.Context, receipt string, data []byte) (*ent.Attachment, error)
	// Open returns a file for a valid link.
	Open(ctx context.Context, id, until, signature string) (kind string, data []byte, err error)
}

// attachedFile is the response to an upload with a receipt.
type attachedFile struct {
	ID    string          `json:"id"`
	Type  string          `json:"type"`
	Bytes int             `json:"bytes"`
	At    instant.Instant `json:"at"`
}

// attach stores a file of a report.
func attach(ctx context.Context, o Options, receipt string, in *media.Incoming) (response any, stored int64, err error) {
	var file *ent.Attachment
	err = o.Pictures.Bytes(ctx, in, func(data []byte) (err error) {
		file, err = o.Attachments.Attach(ctx, receipt, data)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return attachedFile{file.ID, file.Type, file.Size, file.At}, int64(file.Size), nil
}

// ServeAttachments serves the files of reports at signed links below prefix. Browsers show
// pictures, download other files and run nothing, and no cache stores them.
func ServeAttachments(files Attachments, prefix string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			return fault.New(fault.BadUserInput, "a file is read with GET")
		}
		id, q := strings.TrimPrefix(r.URL.Path, prefix), r.URL.Query()
		kind, data, err := files.Open(r.Context(), id, q.Get("until"), q.Get("signature"))
		if err != nil {
			return err
		}
		disposition, extension := "inline", kind[strings.LastIndexByte(kind, '/')+1:]
		if !strings.HasPrefix(kind, "image/") {
			disposition = "attachment"
		}
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": id + "." + extension}))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		return nil
	}
}
