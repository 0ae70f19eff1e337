package archive_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/schema"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// at is 2026-03-01T09:30:00+08:00.
const at instant.Instant = 1_772_328_600_000_000

// fill sets every field of a struct to a value that is not its zero value.
func fill(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch f.Kind() {
		case reflect.String:
			f.SetString("字段" + v.Type().Field(i).Name)
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(at))
		case reflect.Bool:
			f.SetBool(true)
		}
	}
}

// rows holds a row of each type, and how it becomes a line.
func rows() map[string]any {
	parent, earlier := "cmt_1", at-1
	fileOf := func(content string) archive.Attachment {
		return archive.FromAttachment(&ent.Attachment{ID: "fil_1", ReportID: "rep_1", Type: "image/png", Size: 3, Hash: "0f", Content: []byte(content), At: at},
			func(_ string, sealed []byte) ([]byte, error) {
				if string(sealed) == "lost" {
					return nil, errors.New("no such key")
				}
				return []byte("open " + string(sealed)), nil
			})
	}
	return map[string]any{
		archive.TypeRegion:    archive.FromRegion(&ent.Region{ID: "reg_1", Slug: "linlan", Name: "临澜市", Position: 2, CreatedAt: at, UpdatedAt: at}),
		archive.TypeCategory:  archive.FromCategory(&ent.Category{ID: "cat_1", Slug: "news", Name: "新闻", Terminals: terminal.SetOf(terminal.WAP, terminal.Web), CreatedAt: at, UpdatedAt: at}),
		archive.TypePublisher: archive.FromPublisher(&ent.Publisher{ID: "pub_1", Name: "云渡颐园", Public: true, CreatedAt: at, UpdatedAt: at}),
		archive.TypePicture: archive.FromPicture(&ent.Picture{ID: "pic_1", Hash: "ab", Alt: "桂花树", Files: []schema.PictureFile{{Type: "image/jpeg", Width: 7, Height: 5, Bytes: 9}},
			CreatedAt: at}),
		archive.TypeRevision: archive.FromRevision(&ent.Revision{ID: "rev_1", ArticleID: "art_1", Version: 2, Title: "一碗面 <b>", Content: `{"title":"一碗面 <b>"}`, SavedBy: "编辑部", CreatedAt: at}),
		archive.TypeComment: archive.FromComment(&ent.Comment{ID: "cmt_2", ArticleID: "art_1", ParentID: &parent, Author: "老葛", Text: "好吃。\n再来！", Status: comment.StatusAPPROVED,
			CreatedAt: at, UpdatedAt: at, EditedAt: &earlier, OriginAddress: "203.0.113.5"}),
		archive.TypeReport: archive.FromReport(&ent.Report{ID: "rep_1", Kind: report.KindPRIVACY, Status: report.StatusFILED, Target: "cmt_2", Statement: "写出了楼号。", Receipt: "R-1",
			Alarm: report.DefaultAlarm, Missing: []string{}, FiledAt: at, DueAt: at, Version: 1}),
		archive.TypeReportEvent: archive.FromReportEvent(&ent.ReportEvent{ID: "evt_1", ReportID: "rep_1", Event: "FILED", By: "REPORTER", To: "FILED", DueAt: at, At: at}),
		archive.TypeAttachment:  fileOf("sealed"),
		archive.TypeTakedown:    archive.FromTakedown(&ent.Takedown{ID: "mea_1", Item: "art_1", Before: "PUBLISHED", Reason: "侵权", TakenBy: "值班", TakenAt: at}),
		archive.TypeViews:       archive.FromViewDay(&ent.ViewDay{ArticleID: "art_1", Day: 20486, Views: 12}),
		"lost key":              fileOf("lost"),
	}
}

// TestLine compares the line of each type with the bytes that older installations read:
// the names of the types and of the fields never change.
func TestLine(t *testing.T) {
	t.Parallel()
	const now = `"2026-03-01T09:30:00+08:00"`
	want := map[string]string{
		"Region":     `"id":"reg_1","slug":"linlan","name":"临澜市","position":2,"createdAt":` + now + `,"updatedAt":` + now,
		"Category":   `"id":"cat_1","parent":null,"slug":"news","name":"新闻","position":0,"terminals":["WEB","WAP"],"createdAt":` + now + `,"updatedAt":` + now,
		"Publisher":  `"id":"pub_1","name":"云渡颐园","public":true,"createdAt":` + now + `,"updatedAt":` + now,
		"Picture":    `"id":"pic_1","hash":"ab","alt":"桂花树","files":[{"type":"image/jpeg","width":7,"height":5,"bytes":9}],"createdAt":` + now,
		"Revision":   `"id":"rev_1","article":"art_1","version":2,"title":"一碗面 <b>","content":{"title":"一碗面 <b>"},"savedBy":"编辑部","createdAt":` + now,
		"Comment":    `"id":"cmt_2","article":"art_1","parent":"cmt_1","author":"老葛","text":"好吃。\n再来！","status":"APPROVED","createdAt":` + now + `,"updatedAt":` + now + `,"editedAt":"2026-03-01T09:29:59.999999+08:00","originAddress":"203.0.113.5"`,
		"Report":     `"id":"rep_1","kind":"PRIVACY","status":"FILED","target":"cmt_2","statement":"写出了楼号。","receipt":"R-1","reason":null,"filedAt":` + now + `,"dueAt":` + now + `,"decidedAt":null,"version":1`,
		"CaseEvent":  `"id":"evt_1","report":"rep_1","event":"FILED","by":"REPORTER","to":"FILED","dueAt":` + now + `,"at":` + now,
		"Attachment": `"id":"fil_1","report":"rep_1","mediaType":"image/png","size":3,"hash":"0f","content":"b3BlbiBzZWFsZWQ=","at":` + now,
		"Measure":    `"id":"mea_1","item":"art_1","before":"PUBLISHED","reason":"侵权","takenBy":"值班","takenAt":` + now + `,"liftedAt":null`,
		"Views":      `"article":"art_1","day":20486,"views":12`,
		"lost key":   `"id":"fil_1","report":"rep_1","mediaType":"image/png","size":3,"hash":"0f","sealed":"bG9zdA==","at":` + now,
	}
	for kind, value := range rows() {
		line, err := archive.Line(kind, value)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if diff := cmp.Diff(`{"type":"`+kind+`",`+want[kind]+"}\n", string(line)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// TestRead reads the line of each type, with every field set, and encodes it again.
func TestRead(t *testing.T) {
	t.Parallel()
	for kind, value := range rows() {
		full := reflect.New(reflect.TypeOf(value))
		full.Elem().Set(reflect.ValueOf(value))
		for _, original := range []reflect.Value{reflect.ValueOf(value), full.Elem()} {
			line, err := archive.Line(kind, original.Interface())
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if got, err := archive.Type(line); err != nil || got != kind {
				t.Errorf("%s: the type is %q, %v", kind, got, err)
			}
			back := reflect.New(original.Type())
			if err := archive.Read(line, back.Interface()); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if diff := cmp.Diff(original.Interface(), back.Elem().Interface()); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
			again, err := archive.Line(kind, back.Elem().Interface())
			if err != nil || string(again) != string(line) {
				t.Errorf("%s: %s, then %s", kind, line, again)
			}
			fill(full.Elem()) // for the second time
		}
	}
}

func TestReadRejects(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"type":"Region","id":"reg_1","naem":"x"}`:         `unknown field "naem"`,
		`{"type":"Region","position":"first"}`:              "cannot unmarshal string",
		`{"type":"Region","createdAt":"2026-01-01"}`:        "RFC 3339",
		`{"type":"Region"`:                                  "unexpected end",
		`["Region"]`:                                        "cannot unmarshal array",
		`{"type":"Region","createdAt":"2026-13-01T00:00Z"}`: "RFC 3339",
	} {
		if err := archive.Read([]byte(text), new(archive.Region)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"", "a,b,c", "[]", `"Region"`, `{"type":7}`} {
		if kind, err := archive.Type([]byte(text)); err == nil {
			t.Errorf("%q has the type %q", text, kind)
		}
	}
	for _, value := range []any{7, "Region", []string{"Region"}, func() {}} {
		if line, err := archive.Line("Region", value); err == nil {
			t.Errorf("%T makes the line %s", value, line)
		}
	}
}

// TestTypes checks the order in which lines refer to each other.
func TestTypes(t *testing.T) {
	t.Parallel()
	want := "Site Region Category Publisher Picture Article Revision Comment Report CaseEvent Attachment Measure Views"
	if got := strings.Join(archive.Types, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
