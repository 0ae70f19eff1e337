package report

import (
	"bytes"
	"context"
	"crypto/hmac"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Limits of the files of one report.
const (
	maxAttachments = 10
	maxTotalBytes  = 30 << 20
	maxFileBytes   = 10 << 20 // a file has to fit into one line of an archive
)

// fileTypes lists the accepted media types with the bytes that files of the type begin
// with. The name of a file and the type that the client states are ignored.
var fileTypes = []struct{ name, prefix, after string }{
	{"image/jpeg", "\xff\xd8\xff", ""},
	{"image/png", "\x89PNG\r\n\x1a\n", ""},
	{"image/gif", "GIF87a", ""},
	{"image/gif", "GIF89a", ""},
	{"image/webp", "RIFF", "WEBP"}, // after four bytes of length
	{"application/pdf", "%PDF-", ""},
}

// fileType returns the media type of data; ok is false where it is not accepted.
func fileType(data []byte) (name string, ok bool) {
	for _, t := range fileTypes {
		if bytes.HasPrefix(data, []byte(t.prefix)) && (t.after == "" || len(data) >= 12 && string(data[8:12]) == t.after) {
			return t.name, true
		}
	}
	return "", false
}

var (
	errNoKey       = fault.New(fault.Unavailable, "this server has no key to encrypt files with, and stores none in plain text; the operator sets one with TONGGAO_SECRET_KEY")
	errUnknownType = fault.New(fault.BadUserInput, "this is neither a picture (JPEG, PNG, GIF, WebP) nor a PDF; take a photograph or a screenshot of it")
	errNotAsked    = fault.New(fault.Forbidden, "send files when a moderator has asked for material, or with a reader's token; until then describe the proof in words (addReportMaterial)")
	errTooMany     = fault.New(fault.TooExpensive, "a report has at most %d files of %d MiB in total; describe the rest in words (addReportMaterial)", maxAttachments, maxTotalBytes>>20)
	errFull        = &fault.Error{Code: fault.Unavailable, Retry: time.Hour, Message: "the portal stores no more files of reports until some are decided; describe the proof in words (addReportMaterial), and send files later"}
	errNoFile      = fault.New(fault.NotFound, "there is no such file, or the link has expired; ask for a new one with reveal")
)

// Admit returns an error unless a file may be added to the case with the receipt. Uploads
// call it before they read the file.
func (s *Service) Admit(ctx context.Context, receipt string) error {
	r, err := WithReceipt(ctx, s.store, receipt)
	if err != nil {
		return err
	}
	if s.store.Keys.Empty() {
		return errNoKey
	}
	if _, err := Next(r.Status, r.Kind, AddMaterial, Reporter); err != nil {
		return err
	}
	return s.mayAttach(ctx, s.store.Client(ctx), r)
}

// mayAttach returns an error where a client that solved no captcha and has no token adds a file
// that no moderator asked for: files are the largest thing that strangers can store.
func (s *Service) mayAttach(ctx context.Context, c *ent.Client, r *ent.Report) error {
	if s.captcha != nil || policy.Allows(ctx, policy.SkipCaptcha) {
		return nil
	}
	asked, err := c.ReportEvent.Query().Where(reportevent.ReportID(r.ID), reportevent.Event(string(AskMaterial))).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("read whether a moderator asked for files: %w", err)
	}
	if !asked {
		return errNotAsked
	}
	return nil
}

// Attach encrypts a file and adds it to the case with the receipt. It counts as proof. A
// file that the case has already is not added again.
func (s *Service) Attach(ctx context.Context, receipt string, data []byte) (*ent.Attachment, error) {
	kind, ok := fileType(data)
	if !ok {
		return nil, errUnknownType
	}
	if len(data) > maxFileBytes {
		return nil, fault.New(fault.TooExpensive, "a file has at most %d MiB; save it smaller", maxFileBytes>>20)
	}
	if s.store.Keys.Empty() {
		return nil, errNoKey
	}
	keys, err := s.store.Secrets(ctx, "attachment_key")
	if err != nil {
		return nil, err
	}
	now := s.store.Clock()
	file := &ent.Attachment{ID: typeid.New(typeid.File, now), Type: kind, Size: len(data), Hash: keyedHash(keys[0], string(data)), At: now, SealedWith: s.store.Keys.Current()}
	if file.Content, err = s.store.Keys.SealBytes(sealPurpose(file.ID), data); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Attachment, error) {
		r, err := s.lockByReceipt(ctx, c, receipt)
		if err != nil {
			return nil, err
		}
		if err := s.mayAttach(ctx, c, r); err != nil {
			return nil, err
		}
		file.ReportID = r.ID
		return s.attach(ctx, c, r, file)
	})
}

// sealPurpose returns the associated data that binds an encrypted file to its row.
func sealPurpose(id string) string { return policy.AttachmentContent.Purpose(id) }

// attach adds the file to r, in the transaction of ctx.
func (s *Service) attach(ctx context.Context, c *ent.Client, r *ent.Report, file *ent.Attachment) (*ent.Attachment, error) {
	system := viewer.AsSystem(ctx)
	have, err := withoutContent(c).Where(attachment.ReportID(r.ID)).All(system)
	if err != nil {
		return nil, fmt.Errorf("list the files of a report: %w", err)
	}
	total := file.Size
	for _, other := range have {
		if other.Hash == file.Hash {
			return other, nil
		}
		total += other.Size
	}
	if len(have) >= maxAttachments || total > maxTotalBytes {
		return nil, errTooMany
	}
	if stored, err := s.countFiles(ctx, c); err != nil {
		return nil, err
	} else if s.maxFiles > 0 && stored+int64(file.Size) > s.maxFiles {
		return nil, errFull
	}
	evidence, err := EvidenceOf(r)
	if err != nil {
		return nil, err
	}
	tr := trigger{event: AddMaterial, by: Reporter, material: fmt.Sprintf("附件 %s，%s，%d 字节", file.ID, file.Type, file.Size)}
	if evidence.Proof == "" && slices.Contains(r.Missing, "proof") {
		evidence.Proof, tr.evidence = "见附件", &evidence
		tr.event = materialEvent(r, evidence)
	}
	if err := s.apply(ctx, c, r, tr); err != nil {
		return nil, err
	}
	saved, err := c.Attachment.Create().SetID(file.ID).SetReportID(r.ID).SetType(file.Type).SetSize(file.Size).SetHash(file.Hash).
		SetContent(file.Content).SetSealedWith(file.SealedWith).SetAt(file.At).Save(system)
	if err != nil {
		return nil, fmt.Errorf("write a file: %w", err)
	}
	return saved, nil
}

// countFiles returns the bytes of the files of undecided reports.
func (s *Service) countFiles(ctx context.Context, c *ent.Client) (int64, error) {
	var sum []struct{ Bytes int64 }
	err := c.Attachment.Query().Where(func(q *sql.Selector) {
		t := sql.Table(report.Table)
		undecided := []any{report.StatusFILED, report.StatusACCEPTED, report.StatusNEEDS_MATERIAL}
		q.Where(sql.In(q.C(attachment.FieldReportID), sql.Select(t.C(report.FieldID)).From(t).Where(sql.In(t.C(report.FieldStatus), undecided...))))
	}).Aggregate(func(q *sql.Selector) string {
		return sql.As("COALESCE(SUM("+q.C(attachment.FieldSize)+"), 0)", "bytes")
	}).
		Scan(viewer.AsSystem(ctx), &sum)
	if err != nil {
		return 0, fmt.Errorf("count the files of undecided reports: %w", err)
	}
	s.files.Store(sum[0].Bytes)
	return sum[0].Bytes, nil
}

// Files returns the bytes of the files of undecided reports, and how many there may be; 0: no
// limit.
func (s *Service) Files() (bytes, limit int64) { return s.files.Load(), s.maxFiles }

// withoutContent returns a query of files that leaves their content out.
func withoutContent(c *ent.Client) *ent.AttachmentQuery {
	q := c.Attachment.Query().Order(attachment.ByID())
	q.Select(attachment.FieldID, attachment.FieldReportID, attachment.FieldType, attachment.FieldSize, attachment.FieldHash, attachment.FieldAt)
	return q
}

// Attachments returns the files of several reports by report, the oldest first, without
// their content. The caller has checked that the viewer may see the reports.
func (s *Service) Attachments(ctx context.Context, reports []string) (map[string][]*ent.Attachment, error) {
	rows, err := withoutContent(s.store.Client(ctx)).Where(attachment.ReportIDIn(reports...)).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("list the files of reports: %w", err)
	}
	return groupBy(rows, func(f *ent.Attachment) string { return f.ReportID }), nil
}

// AttachmentsOf returns the files of a case, for the holder of its receipt.
func (s *Service) AttachmentsOf(ctx context.Context, c *Case) ([]*ent.Attachment, error) {
	byReport, err := s.Attachments(ctx, []string{c.id})
	return byReport[c.id], err
}

// AttachmentPath is the path under which files are served.
const AttachmentPath = "/attachments/"

// linkTTL is how long a link is valid.
const linkTTL = 5 * time.Minute

// Link returns a signed path under which the file is served for a few minutes. Only reveal
// calls it, which writes an audit entry.
func (s *Service) Link(ctx context.Context, id string) (string, error) {
	until := strconv.FormatInt(s.store.Clock().Add(linkTTL).Time().Unix(), 10)
	signature, err := s.signLink(ctx, id, until)
	if err != nil {
		return "", err
	}
	return AttachmentPath + id + "?" + url.Values{"until": {until}, "signature": {signature}}.Encode(), nil
}

// signLink returns the signature of a link that is valid until a Unix time.
func (s *Service) signLink(ctx context.Context, id, until string) (string, error) {
	keys, err := s.store.Secrets(ctx, "attachment_key")
	if err != nil {
		return "", err
	}
	return keyedHash(keys[0], "link "+id+" "+until), nil
}

// Open returns the media type and the content of a file, for a valid link to it.
func (s *Service) Open(ctx context.Context, id, until, signature string) (kind string, data []byte, err error) {
	want, err := s.signLink(ctx, id, until)
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
	data, err = s.store.Keys.OpenBytes(sealPurpose(id), row.Content)
	if err != nil {
		return "", nil, fault.Wrap(err, fault.Unavailable, "this file was encrypted with a key that the server does not have; give the old key after the new one (--secret-key NEW,OLD)")
	}
	return row.Type, data, nil
}
