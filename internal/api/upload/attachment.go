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

// Receipt is the header in which whoever reported shows the receipt. It is no part of the
// address, which proxies write down.
const Receipt = "X-Tonggao-Receipt"

// Attachments is the files of reports.
type Attachments interface {
	// Admit refuses who may not hand a file in, before any of it is read.
	Admit(ctx context.Context, receipt string) error
	// Attach takes a file.
	Attach(ctx context.Context, receipt string, data []byte) (*ent.Attachment, error)
	// Open gives a file to whoever has a good link.
	Open(ctx context.Context, id, until, signature string) (kind string, data []byte, err error)
}

// attached is what whoever handed a file in is told.
type attached struct {
	ID    string          `json:"id"`
	Type  string          `json:"type"`
	Bytes int             `json:"bytes"`
	At    instant.Instant `json:"at"`
}

func attach(ctx context.Context, o Options, receipt string, in *media.Incoming) (told any, kept int64, err error) {
	var file *ent.Attachment
	err = o.Pictures.Bytes(ctx, in, func(data []byte) (err error) {
		file, err = o.Attachments.Attach(ctx, receipt, data)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return attached{file.ID, file.Type, file.Size, file.At}, int64(file.Size), nil
}

// GiveOut gives the files of reports out, at links below prefix. A picture is shown, all
// else saved; nothing of it runs, and nobody keeps it on the way.
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
		place, end := "inline", kind[strings.LastIndexByte(kind, '/')+1:]
		if !strings.HasPrefix(kind, "image/") {
			place = "attachment"
		}
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", mime.FormatMediaType(place, map[string]string{"filename": id + "." + end}))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		return nil
	}
}
