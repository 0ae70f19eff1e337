// Package archive defines the format in which content moves between installations:
// NDJSON, one entity per line, its type first.
//
//	{"type":"Category","id":"cat_…","slug":"news","name":"行业新闻",…}
//
// An archive holds everything that another installation, on either engine, needs to
// give the same answers under the same ids: also network addresses and the contacts of
// reporters, so it is as private as the database. It never holds tokens or keys, nor the
// files of pictures. The invariant: a row that is written, read and written again is the
// same bytes.
package archive

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/schema"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// The types of lines. Site is site.Facts, and Article is article.Record. ReportEvent and
// Takedown keep the names that they had in the first archives.
const (
	TypeSite        = "Site"
	TypeRegion      = "Region"
	TypeCategory    = "Category"
	TypePublisher   = "Publisher"
	TypePicture     = "Picture"
	TypeArticle     = "Article"
	TypeRevision    = "Revision"
	TypeComment     = "Comment"
	TypeReport      = "Report"
	TypeReportEvent = "CaseEvent"
	TypeAttachment  = "Attachment"
	TypeTakedown    = "Measure"
	TypeViews       = "Views"
)

// Types lists the types in the order in which an archive has them: a line refers to
// earlier ones only.
var Types = []string{TypeSite, TypeRegion, TypeCategory, TypePublisher, TypePicture, TypeArticle, TypeRevision,
	TypeComment, TypeReport, TypeReportEvent, TypeAttachment, TypeTakedown, TypeViews}

// Region is the line of a region.
type Region struct {
	ID        string          `json:"id"`
	Slug      string          `json:"slug"`
	Name      string          `json:"name"`
	Position  int             `json:"position"`
	CreatedAt instant.Instant `json:"createdAt"`
	UpdatedAt instant.Instant `json:"updatedAt"`
}

// FromRegion returns r as a line.
func FromRegion(r *ent.Region) Region {
	return Region{r.ID, r.Slug, r.Name, r.Position, r.CreatedAt, r.UpdatedAt}
}

// Category is the line of a category.
type Category struct {
	ID        string              `json:"id"`
	Parent    optional.String     `json:"parent"`
	Slug      string              `json:"slug"`
	Name      string              `json:"name"`
	Position  int                 `json:"position"`
	Terminals []terminal.Terminal `json:"terminals"`
	CreatedAt instant.Instant     `json:"createdAt"`
	UpdatedAt instant.Instant     `json:"updatedAt"`
}

// FromCategory returns c as a line.
func FromCategory(c *ent.Category) Category {
	return Category{c.ID, orEmpty(c.ParentID), c.Slug, c.Name, c.Position, c.Terminals.List(), c.CreatedAt, c.UpdatedAt}
}

// Publisher is the line of a publisher.
type Publisher struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Public    bool            `json:"public"`
	CreatedAt instant.Instant `json:"createdAt"`
	UpdatedAt instant.Instant `json:"updatedAt"`
}

// FromPublisher returns p as a line.
func FromPublisher(p *ent.Publisher) Publisher {
	return Publisher{p.ID, p.Name, p.Public, p.CreatedAt, p.UpdatedAt}
}

// Picture is the line of a picture.
type Picture struct {
	ID         string               `json:"id"`
	Hash       string               `json:"hash"`
	Alt        optional.String      `json:"alt,omitempty"`
	Animated   bool                 `json:"animated,omitempty"`
	Files      []schema.PictureFile `json:"files"`
	Publisher  string               `json:"publisher,omitempty"`
	UploadedBy optional.String      `json:"uploadedBy,omitempty"`
	CreatedAt  instant.Instant      `json:"createdAt"`
}

// FromPicture returns p as a line.
func FromPicture(p *ent.Picture) Picture {
	return Picture{p.ID, p.Hash, p.Alt, p.Animated, p.Files, p.PublisherID, p.UploadedBy, p.CreatedAt}
}

// Revision is the line of a revision.
type Revision struct {
	ID        string          `json:"id"`
	Article   string          `json:"article"`
	Version   int             `json:"version"`
	Title     string          `json:"title"`
	Content   json.RawMessage `json:"content"`
	SavedBy   string          `json:"savedBy"`
	CreatedAt instant.Instant `json:"createdAt"`
}

// FromRevision returns r as a line.
func FromRevision(r *ent.Revision) Revision {
	return Revision{r.ID, r.ArticleID, r.Version, r.Title, json.RawMessage(r.Content), r.SavedBy, r.CreatedAt}
}

// Comment is the line of a comment.
type Comment struct {
	ID            string           `json:"id"`
	Article       string           `json:"article"`
	Parent        optional.String  `json:"parent"`
	Author        optional.String  `json:"author"`
	Text          string           `json:"text"`
	Status        comment.Status   `json:"status"`
	Reason        string           `json:"reason,omitempty"`
	Quote         optional.String  `json:"quote,omitempty"`
	Found         optional.String  `json:"found,omitempty"`
	CreatedAt     instant.Instant  `json:"createdAt"`
	UpdatedAt     instant.Instant  `json:"updatedAt"`
	EditedAt      *instant.Instant `json:"editedAt,omitempty"`
	OriginAddress string           `json:"originAddress,omitempty"`
	IPRegion      optional.String  `json:"ipRegion,omitempty"`
	Token         string           `json:"token,omitempty"`
}

// FromComment returns c as a line.
func FromComment(c *ent.Comment) Comment {
	return Comment{c.ID, c.ArticleID, orEmpty(c.ParentID), c.Author, c.Text, c.Status, c.Reason,
		orEmpty(c.QuoteID), c.Found, c.CreatedAt, c.UpdatedAt, c.EditedAt, c.OriginAddress, c.IPRegion, c.TokenID}
}

// Report is the line of a report.
type Report struct {
	ID            string           `json:"id"`
	Kind          report.Kind      `json:"kind"`
	Status        report.Status    `json:"status"`
	Target        string           `json:"target"`
	Statement     string           `json:"statement"`
	Evidence      string           `json:"evidence,omitempty"`
	Missing       []string         `json:"missing,omitempty"`
	Receipt       string           `json:"receipt"`
	Reason        optional.String  `json:"reason"`
	FiledAt       instant.Instant  `json:"filedAt"`
	DueAt         instant.Instant  `json:"dueAt"`
	DecidedAt     *instant.Instant `json:"decidedAt"`
	WakesAt       *instant.Instant `json:"wakesAt,omitempty"`
	DaysLeft      int              `json:"daysLeft,omitempty"`
	Alarm         report.Alarm     `json:"alarm,omitempty"`
	AlarmAt       *instant.Instant `json:"alarmAt,omitempty"`
	Version       int              `json:"version"`
	Notifier      string           `json:"notifier,omitempty"`
	Leader        string           `json:"leader,omitempty"`
	Snapshot      string           `json:"snapshot,omitempty"`
	SnapshotHash  string           `json:"snapshotHash,omitempty"`
	OriginAddress string           `json:"originAddress,omitempty"`
	ErasedAt      *instant.Instant `json:"erasedAt,omitempty"`
}

// FromReport returns r as a line.
func FromReport(r *ent.Report) Report {
	var missing []string
	if len(r.Missing) > 0 {
		missing = r.Missing
	}
	alarm := r.Alarm
	if alarm == report.DefaultAlarm {
		alarm = ""
	}
	return Report{r.ID, r.Kind, r.Status, r.Target, r.Statement, r.Evidence, missing, r.Receipt, r.Reason,
		r.FiledAt, r.DueAt, r.DecidedAt, r.WakesAt, r.DaysLeft, alarm, r.AlarmAt, r.Version, r.Notifier, r.LeaderID, r.Snapshot, r.SnapshotHash, r.OriginAddress, r.ErasedAt}
}

// ReportEvent is the line of one event in the history of a report.
type ReportEvent struct {
	ID       string          `json:"id"`
	Report   string          `json:"report"`
	Event    string          `json:"event"`
	By       string          `json:"by"`
	Actor    optional.String `json:"actor,omitempty"`
	From     string          `json:"from,omitempty"`
	To       string          `json:"to"`
	Reason   optional.String `json:"reason,omitempty"`
	Material optional.String `json:"material,omitempty"`
	DueAt    instant.Instant `json:"dueAt"`
	At       instant.Instant `json:"at"`
}

// FromReportEvent returns e as a line.
func FromReportEvent(e *ent.ReportEvent) ReportEvent {
	return ReportEvent{e.ID, e.ReportID, e.Event, e.By, e.Actor, e.From, e.To, e.Reason, e.Material, e.DueAt, e.At}
}

// Attachment is the line of a file that a reporter added, decrypted. A file that was
// encrypted with a lost key stays encrypted, in Sealed.
type Attachment struct {
	ID      string          `json:"id"`
	Report  string          `json:"report"`
	Type    string          `json:"mediaType"`
	Size    int             `json:"size"`
	Hash    string          `json:"hash"`
	Content []byte          `json:"content,omitempty"`
	Sealed  []byte          `json:"sealed,omitempty"`
	At      instant.Instant `json:"at"`
}

// FromAttachment returns a as a line; open decrypts.
func FromAttachment(a *ent.Attachment, open func(purpose string, sealed []byte) ([]byte, error)) Attachment {
	line := Attachment{ID: a.ID, Report: a.ReportID, Type: a.Type, Size: a.Size, Hash: a.Hash, At: a.At}
	var err error
	if line.Content, err = open(policy.AttachmentContent.Purpose(a.ID), a.Content); err != nil {
		line.Content, line.Sealed = nil, a.Content
	}
	return line
}

// Takedown is the line of a takedown.
type Takedown struct {
	ID         string           `json:"id"`
	Item       string           `json:"item"`
	Report     optional.String  `json:"report,omitempty"`
	Before     string           `json:"before"`
	Reason     string           `json:"reason"`
	TakenBy    string           `json:"takenBy"`
	TakenAt    instant.Instant  `json:"takenAt"`
	LiftReason optional.String  `json:"liftReason,omitempty"`
	LiftedBy   string           `json:"liftedBy,omitempty"`
	LiftedAt   *instant.Instant `json:"liftedAt"`
}

// FromTakedown returns m as a line.
func FromTakedown(m *ent.Takedown) Takedown {
	return Takedown{m.ID, m.Item, m.ReportID, m.Before, m.Reason, m.TakenBy, m.TakenAt, m.LiftReason, m.LiftedBy, m.LiftedAt}
}

// Views is the line of the views of an article on one day.
type Views struct {
	Article string `json:"article"`
	Day     int    `json:"day"` // since 1970-01-01, in Asia/Shanghai
	Views   int64  `json:"views"`
}

// FromViewDay returns v as a line.
func FromViewDay(v *ent.ViewDay) Views { return Views{v.ArticleID, v.Day, v.Views} }

func orEmpty(s *string) optional.String {
	if s == nil {
		return ""
	}
	return optional.String(*s)
}

// Line encodes value as a line of the given type, with the line break.
func Line(kind string, value any) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":%q,`, kind)
	head := b.Len() - 1
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("encode a %s: %w", kind, err)
	}
	line := b.Bytes()
	if line[head+1] != '{' {
		return nil, fmt.Errorf("encode a %s: %T is not an object", kind, value)
	}
	return append(line[:head+1:head+1], line[head+2:]...), nil
}

// Type returns the type of a line.
func Type(line []byte) (string, error) {
	var l struct{ Type string }
	if err := json.Unmarshal(line, &l); err != nil {
		return "", fmt.Errorf("this is not a JSON object: %w", err)
	}
	return l.Type, nil
}

// Read decodes a line into value; a field that value does not have is an error.
func Read(line []byte, value any) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	delete(fields, "type")
	var rest bytes.Buffer
	enc := json.NewEncoder(&rest)
	enc.SetEscapeHTML(false) // nested JSON stays as it is
	if err := enc.Encode(fields); err != nil {
		return err
	}
	dec := json.NewDecoder(&rest)
	dec.DisallowUnknownFields()
	return dec.Decode(value)
}
