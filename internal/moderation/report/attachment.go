package report

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// What one report may have.
const (
	maxAttachments = 10
	maxAttached    = 30 << 20 // bytes of all its files
	maxFile        = 10 << 20 // bytes of one, so that it fits into a line of an archive
)

// fileTypes is what may be handed in, by its first bytes. What a file is called or said
// to be does not count.
var fileTypes = []struct{ name, begin, then string }{
	{"image/jpeg", "\xff\xd8\xff", ""},
	{"image/png", "\x89PNG\r\n\x1a\n", ""},
	{"image/gif", "GIF87a", ""},
	{"image/gif", "GIF89a", ""},
	{"image/webp", "RIFF", "WEBP"}, // four bytes of length between
	{"application/pdf", "%PDF-", ""},
}

func fileType(data []byte) (string, bool) {
	for _, t := range fileTypes {
		if bytes.HasPrefix(data, []byte(t.begin)) && (t.then == "" || len(data) >= 12 && string(data[8:12]) == t.then) {
			return t.name, true
		}
	}
	return "", false
}

var (
	errNoSealing = fault.New(fault.Unavailable, "this server has no key to seal files with, and keeps none open; the operator sets one with TONGGAO_SECRET_KEY")
	errTooMany   = fault.New(fault.TooExpensive, "a report has at most %d files of %d MiB together; say the rest in words (addReportMaterial)", maxAttachments, maxAttached>>20)
	errNoFile    = fault.New(fault.NotFound, "there is no such file, or the link is over; ask for a new one with reveal")
)

// Admit says whether a file may be handed in with a receipt, before any of it is read.
func (s *Service) Admit(ctx context.Context, receipt string) error {
	r, err := byReceipt(ctx, s.store.Client(ctx), receipt)
	if err != nil {
		return err
	}
	if s.store.Keys.Empty() {
		return errNoSealing
	}
	_, err = Next(r.Status, r.Kind, AddMaterial, Reporter)
	return err
}

// Attach takes a file with a case, as whoever holds the receipt. It is kept sealed, and it
// counts as proof. The same file twice is one.
func (s *Service) Attach(ctx context.Context, receipt string, data []byte) (*ent.Attachment, error) {
	kind, ok := fileType(data)
	if !ok {
		return nil, fault.New(fault.BadUserInput, "this is neither a picture (JPEG, PNG, GIF, WebP) nor a PDF; take a photograph or a screenshot of it")
	}
	if len(data) > maxFile {
		return nil, fault.New(fault.TooExpensive, "a file has at most %d MiB; save it smaller", maxFile>>20)
	}
	if s.store.Keys.Empty() {
		return nil, errNoSealing
	}
	key, err := s.store.Secret(ctx, "attachment_key")
	if err != nil {
		return nil, err
	}
	now := s.store.Clock()
	file := &ent.Attachment{ID: typeid.New(typeid.File, now), Type: kind, Size: len(data), Hash: hashed(key, string(data)), At: now, SealedWith: s.store.Keys.Current()}
	if file.Content, err = s.store.Keys.SealBytes(sealedAs(file.ID), data); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Attachment, error) {
		r, err := byReceipt(ctx, c, receipt)
		if err != nil {
			return nil, err
		}
		file.ReportID = r.ID
		return s.attach(ctx, c, r, file)
	})
}

// sealedAs binds a file to its row.
func sealedAs(id string) string { return policy.AttachmentContent.Purpose(id) }

func (s *Service) attach(ctx context.Context, c *ent.Client, r *ent.Report, file *ent.Attachment) (*ent.Attachment, error) {
	system := viewer.AsSystem(ctx)
	have, err := described(c).Where(attachment.ReportID(r.ID)).All(system)
	if err != nil {
		return nil, fmt.Errorf("look what was handed in: %w", err)
	}
	total := file.Size
	for _, other := range have {
		if other.Hash == file.Hash {
			return other, nil
		}
		total += other.Size
	}
	if len(have) >= maxAttachments || total > maxAttached {
		return nil, errTooMany
	}
	evidence, err := EvidenceOf(r)
	if err != nil {
		return nil, err
	}
	do := step{event: AddMaterial, by: Reporter, material: fmt.Sprintf("附件 %s，%s，%d 字节", file.ID, file.Type, file.Size)}
	if evidence.Proof == "" && slices.Contains(r.Missing, "proof") {
		evidence.Proof, do.evidence = "见附件", &evidence
		if r.Status == report.StatusNEEDS_MATERIAL && len(evidence.missing(r.Kind)) == 0 {
			do.event = Complete
		}
	}
	if _, err := s.take(ctx, c, r, do); err != nil {
		return nil, err
	}
	saved, err := c.Attachment.Create().SetID(file.ID).SetReportID(r.ID).SetType(file.Type).SetSize(file.Size).SetHash(file.Hash).
		SetContent(file.Content).SetSealedWith(file.SealedWith).SetAt(file.At).Save(system)
	if err != nil {
		return nil, fmt.Errorf("keep a file: %w", err)
	}
	return saved, nil
}

// described is files without their content.
func described(c *ent.Client) *ent.AttachmentQuery {
	q := c.Attachment.Query().Order(attachment.ByID())
	q.Select(attachment.FieldID, attachment.FieldReportID, attachment.FieldType, attachment.FieldSize, attachment.FieldHash, attachment.FieldAt)
	return q
}

// Attachments is the files of several reports, the oldest first, without their content.
// Whoever has a report or its receipt in hand may know of them.
func (s *Service) Attachments(ctx context.Context, reports []string) (map[string][]*ent.Attachment, error) {
	rows, err := described(s.store.Client(ctx)).Where(attachment.ReportIDIn(reports...)).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	of := make(map[string][]*ent.Attachment, len(reports))
	for _, row := range rows {
		of[row.ReportID] = append(of[row.ReportID], row)
	}
	return of, nil
}

// AttachmentsOf is the files of a case, for whoever holds its receipt.
func (s *Service) AttachmentsOf(ctx context.Context, c *Case) ([]*ent.Attachment, error) {
	of, err := s.Attachments(ctx, []string{c.id})
	return of[c.id], err
}

// AttachmentPath is the path below which files are given out.
const AttachmentPath = "/attachments/"

// linkTime is how long a link is good.
const linkTime = 5 * time.Minute

// Link is a path at which a file is given out for a few minutes to whoever has it. Only
// what the audit knows of asks for it: reveal.
func (s *Service) Link(ctx context.Context, id string) (string, error) {
	until := strconv.FormatInt(s.store.Clock().Add(linkTime).Time().Unix(), 10)
	signature, err := s.signed(ctx, id, until)
	if err != nil {
		return "", err
	}
	return AttachmentPath + id + "?" + url.Values{"until": {until}, "signature": {signature}}.Encode(), nil
}

func (s *Service) signed(ctx context.Context, id, until string) (string, error) {
	key, err := s.store.Secret(ctx, "attachment_key")
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "link %s %s", id, until)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// Open is the type and the content of a file, for whoever has a good link to it.
func (s *Service) Open(ctx context.Context, id, until, signature string) (kind string, data []byte, err error) {
	want, err := s.signed(ctx, id, until)
	if err != nil {
		return "", nil, err
	}
	seconds, _ := strconv.ParseInt(until, 10, 64)
	if !hmac.Equal([]byte(want), []byte(signature)) || seconds < s.store.Clock().Time().Unix() {
		return "", nil, errNoFile
	}
	row, err := s.store.Client(ctx).Attachment.Get(viewer.AsSystem(ctx), id)
	if ent.IsNotFound(err) {
		return "", nil, errNoFile
	}
	if err != nil {
		return "", nil, fmt.Errorf("read a file: %w", err)
	}
	data, err = s.store.Keys.OpenBytes(sealedAs(id), row.Content)
	if err != nil {
		return "", nil, fault.Wrap(err, fault.Unavailable, "this file was sealed with a key that the server does not have; give the old key beside the new one (--secret-key NEW,OLD)")
	}
	return row.Type, data, nil
}
