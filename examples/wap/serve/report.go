package serve

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxUpload bounds the bytes of a request: ten files of a report.
const maxUpload = 32 << 20

// kind is a kind of complaint and the evidence that it requires.
type kind struct {
	Value, Text string
	Needs       []string
}

// kinds are the kinds in the order of the form. Missing evidence can be handed in later with
// the receipt; the deadline is paused until then.
var kinds = []kind{
	{"VIOLATION", "违规举报", nil}, {"ILLEGAL_INFORMATION", "非法信息举报", nil},
	{"COPYRIGHT", "侵犯著作权", []string{"claimant", "organisation", "address", "workTitle", "workUrl", "proof", "truthful"}},
	{"PRIVACY", "侵犯隐私或名誉", []string{"claimant", "organisation", "proof"}}, {"DELETION_REQUEST", "删稿申请", []string{"claimant", "organisation"}},
	{"IMPERSONATION", "冒充他人", []string{"claimant", "proof"}}, {"RUMOUR", "散布谣言", []string{"proof"}}, {"OTHER", "其他", nil},
}

// labels are the names of fields for readers.
var labels = map[string]string{"text": "评论内容", "authorName": "昵称", "statement": "情况说明",
	"claimant": "真实姓名（权利人或代理人）", "organisation": "所代表的单位", "contact": "联系方式", "address": "通信地址", "workTitle": "作品名称",
	"workUrl": "原作的网址", "proof": "初步证明（文字说明）", "truthful": "我保证以上内容真实"}

// evidence are the fields of evidence in the order of the form.
var evidence = []string{"claimant", "organisation", "address", "workTitle", "workUrl", "proof", "truthful"}

var states = map[string]string{"FILED": "已收到，等待处理", "NEEDS_MATERIAL": "需要补充材料", "ACCEPTED": "已受理，正在处理",
	"MEASURES_TAKEN": "已采取措施", "UPHELD": "举报成立，已处理", "COUNTERED": "发布者已提出异议，正在处理", "RESTORED": "内容已恢复",
	"REJECTED": "举报未获支持", "WITHDRAWN": "已撤回"}

// field is a field of evidence.
type field struct {
	Name, Label, Kinds, Value string
	Long, Tick                bool
}

// fieldsOf returns the fields with these names; Kinds are the kinds that require each.
func fieldsOf(names []string, r *http.Request) (list []field) {
	for _, name := range names {
		f := field{Name: name, Label: labels[name], Value: r.PostFormValue(name), Long: name == "proof", Tick: name == "truthful"}
		var of []string
		for _, k := range kinds {
			if slices.Contains(k.Needs, name) {
				of = append(of, k.Value)
			}
		}
		f.Kinds = strings.Join(of, " ")
		list = append(list, f)
	}
	return list
}

// reporting is what the report template shows.
type reporting struct {
	Kinds              []kind
	Chosen             string
	About, Address     string // what is reported
	Statement, Contact string
	Fields             []field
	Problem            string
	Receipt, Due       string // after it was filed
}

// reportForm shows the form, with the name of what is reported.
func (s *Site) reportForm(r *http.Request) (*answer, error) {
	p, err := s.readTarget(r)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, template: "report.html", page: p}, nil
}

func (s *Site) readTarget(r *http.Request) (*page, error) {
	p := s.newPage(r)
	var data struct {
		nav
		Node *struct {
			Slug, Title, Text, Name string
			Article                 *link
		}
	}
	if err := s.ask(r, targetQuery, map[string]any{"id": r.PathValue("id")}, &data); err != nil {
		return nil, err
	}
	if data.Node == nil {
		return nil, &problem{Status: http.StatusNotFound, Message: "要举报的内容不存在，它可能已被删除。"}
	}
	body := &reporting{Kinds: kinds, Chosen: r.FormValue("kind"), Statement: r.PostFormValue("statement"), Contact: r.PostFormValue("contact"), Fields: fieldsOf(evidence, r)}
	switch n := data.Node; {
	case n.Article != nil:
		body.About, body.Address = "评论“"+n.Text+"”", "/a/"+n.Article.Slug
	case n.Title != "":
		body.About, body.Address = n.Title, "/a/"+n.Slug
	default:
		body.About = "发布者 " + n.Name
	}
	p.Nav, p.Title, p.Robots, p.Body = data.nav, "举报", "noindex", body
	return p, nil
}

// report files a report and shows the receipt.
func (s *Site) report(r *http.Request) (*answer, error) {
	if err := checkForm(r); err != nil {
		return nil, err
	}
	p, err := s.readTarget(r)
	if err != nil {
		return nil, err
	}
	var data struct {
		FileReport struct {
			Receipt    string
			Report     *struct{ DueAt string }
			UserErrors []userError
		}
	}
	err = s.ask(r, fileReport, map[string]any{"input": map[string]any{"target": r.PathValue("id"), "kind": r.FormValue("kind"), "statement": r.FormValue("statement"),
		"contact": orNull(r.FormValue("contact")), "evidence": given(r), "idempotencyKey": orNull(r.FormValue("key")), "website": orNull(r.FormValue("website"))}}, &data)
	message, status, err := refused(data.FileReport.UserErrors, err)
	if err != nil {
		return nil, err
	}
	body := p.Body.(*reporting)
	if message != "" {
		body.Problem = message
		return &answer{status: status, template: "report.html", page: p}, nil
	}
	body.Receipt, body.Due = data.FileReport.Receipt, data.FileReport.Report.DueAt
	return &answer{status: http.StatusOK, template: "receipt.html", page: p}, nil
}

// given returns the evidence of a form; nil if there is none.
func given(r *http.Request) map[string]any {
	found := map[string]any{}
	for _, name := range evidence {
		switch value := strings.TrimSpace(r.PostFormValue(name)); {
		case value == "":
		case name == "truthful":
			found[name] = true
		default:
			found[name] = value
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// progress is what the status template shows.
type progress struct {
	Receipt         string
	Found           bool
	Kind, State     string
	Filed, Due      string
	Overdue, Open   bool
	Reason          string
	Missing         []field
	Files           int
	Problem, Result string
}

// status shows the state of a report.
func (s *Site) status(r *http.Request) (*answer, error) {
	p, body, err := s.readStatus(r, strings.TrimSpace(r.URL.Query().Get("receipt")))
	if err != nil {
		return nil, err
	}
	body.Result = results[r.URL.Query().Get("done")]
	status := http.StatusOK
	if body.Problem != "" {
		status = http.StatusNotFound
	}
	return &answer{status: status, template: "status.html", page: p}, nil
}

var results = map[string]string{"material": "材料已收到，谢谢。", "files": "文件已收到。"}

func (s *Site) readStatus(r *http.Request, receipt string) (*page, *progress, error) {
	p, body := s.newPage(r), &progress{Receipt: receipt}
	var data struct {
		nav
		ReportStatus *struct {
			Status, Kind, FiledAt, DueAt, Reason string
			Overdue                              bool
			Missing                              []string
			Attachments                          []struct{ ID string }
		}
	}
	if err := s.ask(r, statusQuery, map[string]any{"receipt": receipt, "given": receipt != ""}, &data); err != nil {
		return nil, nil, err
	}
	p.Nav, p.Title, p.Robots, p.Path, p.Body = data.nav, "查询举报进度", "noindex", "/status", body
	found := data.ReportStatus
	if found == nil {
		if receipt != "" {
			body.Problem = "没有这个回执编号，请核对后再查。"
		}
		return p, body, nil
	}
	at := slices.IndexFunc(kinds, func(k kind) bool { return k.Value == found.Kind })
	body.Found, body.State, body.Filed, body.Due = true, states[found.Status], found.FiledAt, found.DueAt
	body.Kind, body.Overdue, body.Reason, body.Files = kinds[max(at, 0)].Text, found.Overdue, found.Reason, len(found.Attachments)
	body.Missing = fieldsOf(found.Missing, r)
	body.Open = slices.Contains([]string{"FILED", "ACCEPTED", "NEEDS_MATERIAL"}, found.Status)
	return p, body, nil
}

// material hands in what a report still lacks.
func (s *Site) material(r *http.Request) (*answer, error) {
	if err := checkForm(r); err != nil {
		return nil, err
	}
	receipt := strings.TrimSpace(r.FormValue("receipt"))
	var data struct {
		AddReportMaterial struct{ UserErrors []userError }
	}
	err := s.ask(r, addMaterial, map[string]any{"input": map[string]any{"receipt": receipt, "contact": orNull(strings.TrimSpace(r.FormValue("contact"))), "evidence": given(r)}}, &data)
	return s.handedIn(r, receipt, "material", data.AddReportMaterial.UserErrors, err)
}

// handedIn goes back to the state of a report, or shows why something was refused.
func (s *Site) handedIn(r *http.Request, receipt, what string, invalid []userError, err error) (*answer, error) {
	message, status, err := refused(invalid, err)
	if err != nil {
		return nil, err
	}
	if message == "" {
		return &answer{redirect: "/status?" + url.Values{"receipt": {receipt}, "done": {what}}.Encode()}, nil
	}
	p, body, err := s.readStatus(r, receipt)
	if err != nil {
		return nil, err
	}
	body.Problem = message
	return &answer{status: status, template: "status.html", page: p}, nil
}

// upload hands in files, one by one; a file that was sent before counts once.
func (s *Site) upload(r *http.Request) (*answer, error) {
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return nil, &problem{Status: http.StatusRequestEntityTooLarge, Message: "文件太大：每个不超过 10 MB，一共不超过 30 MB。"}
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	if err := checkForm(r); err != nil {
		return nil, err
	}
	receipt := strings.TrimSpace(r.FormValue("receipt"))
	err := error(&problem{Status: http.StatusUnprocessableEntity, Message: "请选择要上传的文件。"})
	for i, header := range r.MultipartForm.File["files"] {
		if i == 0 {
			err = nil
		}
		file, opened := header.Open()
		if opened != nil {
			return nil, opened
		}
		bytes, read := io.ReadAll(file)
		err = errors.Join(err, read, file.Close(), s.attach(r, receipt, bytes))
		if err != nil {
			break
		}
	}
	var wrong *problem
	if errors.As(err, &wrong) {
		err = wrong
	}
	return s.handedIn(r, receipt, "files", nil, err)
}

func (s *Site) attach(r *http.Request, receipt string, file []byte) error {
	header := http.Header{"Content-Type": {"application/octet-stream"}, "X-Tonggao-Receipt": {receipt}}
	return s.post(r, "/upload", header, bytes.NewReader(file), nil)
}
