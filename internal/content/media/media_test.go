package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/media/disk"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a portal with the service under test, whose files are in dir.
type fixture struct {
	*portal.Portal
	*media.Service
	t   *testing.T
	dir string
}

var (
	editor = as(viewer.Viewer{Role: viewer.Editor, Name: "编辑部"})
	public = context.Background()
)

func as(v viewer.Viewer) context.Context { return viewer.With(context.Background(), v) }

func each(t *testing.T, test func(*testing.T, *fixture)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := &fixture{Portal: portal.New(t, s), t: t, dir: t.TempDir()}
		n.Service = media.New(media.Options{Store: s.Store, Audit: n.Audit, Files: disk.New(n.dir), Limits: media.Limits{Bytes: 1 << 20, Pixels: 1 << 20}})
		test(t, n)
	})
}

// upload receives data and adds it as a picture.
func (n *fixture) upload(ctx context.Context, data []byte, alt string) (*ent.Picture, error) {
	in, err := n.Receive(ctx, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer in.Discard()
	return n.Add(ctx, in, alt)
}

func (n *fixture) picture(data []byte, alt string) *ent.Picture {
	n.t.Helper()
	p, err := n.upload(editor, data, alt)
	n.Must(err)
	return p
}

// use records that an article of that status shows a picture.
func (n *fixture) use(p *ent.Picture, status article.Status) {
	n.t.Helper()
	a, err := n.NewArticle(status).Save(portal.System())
	n.Must(err)
	n.Must(n.Client(portal.System()).PictureUse.Create().SetArticleID(a.ID).SetHash(p.Hash).
		SetDown(status == article.StatusTAKEN_DOWN).Exec(portal.System()))
}

func TestAdd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		p := n.picture(imagegen.JPEG(700, 500), " 晨练的老人 ")
		check.Equal(t, "the alternative text", p.Alt, "晨练的老人")
		check.Equal(t, "by whom", p.UploadedBy, "编辑部")
		check.Equal(t, "the files", sizes(p), "700x500 320x229 640x457")
		variants := media.Variants(p, "https://img.example.com")
		if len(variants) != 2 || variants[0].Width != 320 || !strings.HasPrefix(variants[1].URL, "https://img.example.com/media/") {
			t.Errorf("variants: %+v", variants)
		}
		again := n.picture(imagegen.JPEG(700, 500), "另一段说明")
		check.Equal(t, "the same file once more", []string{again.ID, string(again.Alt)}, []string{p.ID, "晨练的老人"})
	})
}

// TestAddRestoresFiles uploads a picture again whose files were lost, as they are when only
// the database was restored from a backup.
func TestAddRestoresFiles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		data := imagegen.PNG(400, 300, true)
		p := n.picture(data, "")
		n.Must(os.RemoveAll(n.dir))
		again := n.picture(data, "")
		check.Equal(t, "the picture", again.ID, p.ID)
		list, err := os.ReadDir(n.dir)
		if err != nil || len(list) == 0 {
			t.Errorf("the files did not come back: %v, %v", list, err)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		photo := imagegen.JPEG(40, 30)
		for name, c := range map[string]struct {
			ctx  context.Context
			data []byte
			alt  string
			want fault.Code
		}{
			"anonymous":            {public, photo, "", fault.Unauthenticated},
			"a reader":             {portal.As(viewer.Reader), photo, "", fault.Forbidden},
			"a moderator":          {portal.As(viewer.Moderator), photo, "", fault.Forbidden},
			"an unbound publisher": {portal.As(viewer.Publisher), photo, "", fault.Forbidden},
			"a page":               {editor, []byte("<!doctype html>"), "", fault.BadUserInput},
			"too many pixels":      {editor, imagegen.PNG(1100, 1000, false), "", fault.TooExpensive},
			"two lines":            {editor, photo, "一\n二", fault.BadUserInput},
			"NUL":                  {editor, photo, "一\x00二", fault.BadUserInput},
			"a direction override": {editor, photo, "一\u202e二", fault.BadUserInput},
			"nothing visible":      {editor, photo, "\u200b", fault.BadUserInput},
			"too long":             {editor, photo, strings.Repeat("长", 301), fault.BadUserInput},
		} {
			p, err := n.upload(c.ctx, c.data, c.alt)
			if p != nil || !fault.Is(err, c.want) {
				t.Errorf("%s: %v, %v; want %s", name, p, err, c.want)
			}
		}
		count, err := n.Client(portal.System()).Picture.Query().Count(portal.System())
		n.Must(err)
		check.Equal(t, "pictures that were stored all the same", count, 0)
	})
}

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		broken := errors.New("connection reset")
		for name, c := range map[string]struct {
			r    io.Reader
			want fault.Code
		}{
			"nothing":           {strings.NewReader(""), fault.BadUserInput},
			"one byte too many": {bytes.NewReader(make([]byte, n.Limit()+1)), fault.TooExpensive},
			"breaks off":        {io.MultiReader(strings.NewReader("GIF89a"), iotest.ErrReader(broken)), fault.BadUserInput},
		} {
			if in, err := n.Receive(editor, c.r); in != nil || !fault.Is(err, c.want) {
				t.Errorf("%s: %v, %v; want %s", name, in, err, c.want)
			}
		}
	})
}

// TestReceiveBackpressure fills every place for uploads: one more waits until a place is
// free, or until its client gives up.
func TestReceiveBackpressure(t *testing.T) {
	t.Parallel()
	n := media.New(media.Options{Files: disk.New(t.TempDir()), Limits: media.Limits{Bytes: 10}})
	var all []*media.Incoming
	for range 32 {
		in, err := n.Receive(public, strings.NewReader("x"))
		check.NoError(t, err)
		all = append(all, in)
	}
	gone, cancel := context.WithCancel(public)
	cancel()
	if _, err := n.Receive(gone, strings.NewReader("x")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("one upload too many: %v", err)
	}
	all[0].Discard()
	in, err := n.Receive(public, strings.NewReader("文件"))
	check.NoError(t, err)
	check.NoError(t, n.Bytes(public, in, func(data []byte) error {
		check.Equal(t, "the content", string(data), "文件")
		return nil
	}))
	for _, in := range append(all[1:], in) {
		in.Discard()
	}
}

// broken is a storage that is out of order.
type broken struct{ media.Files }

var errBroken = fault.New(fault.Unavailable, "the storage is out of order")

func (broken) Put(context.Context, string, string, []byte) error { return errBroken }
func (broken) Remove(context.Context, []string) error            { return errBroken }
func (broken) Check(context.Context) error                       { return errBroken }

// TestStorageFailure asserts that no row refers to files that could not be stored, and that
// none disappears whose files could not be removed.
func TestStorageFailure(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		p := n.picture(imagegen.JPEG(50, 40), "")
		n.Service = media.New(media.Options{Store: n.Store.Store, Audit: n.Audit, Files: broken{disk.New(n.dir)}, Limits: media.Limits{Bytes: 1 << 20, Pixels: 1 << 20}})
		_, err := n.upload(editor, imagegen.JPEG(60, 40), "")
		for what, err := range map[string]error{"add": err, "delete": n.Delete(editor, p.ID, false), "check": n.Check(public)} {
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: %v", what, err)
			}
		}
		list, err := n.List(editor, pagination.Request{})
		n.Must(err)
		if len(list.Edges) != 1 || list.Edges[0].Node.ID != p.ID {
			t.Errorf("stored: %+v", list.Edges)
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		house := n.Publisher("青禾养老网编辑部", true)
		own := as(viewer.Viewer{Role: viewer.Publisher, Publisher: house.ID})
		var ids []string
		for i := range 3 {
			ctx := editor
			if i == 1 {
				ctx = own
			}
			p, err := n.upload(ctx, imagegen.JPEG(40+i, 30), fmt.Sprint("图", i))
			n.Must(err)
			ids = append(ids, p.ID)
			n.Advance(1_000_000)
		}
		for name, c := range map[string]struct {
			ctx  context.Context
			want []string
		}{
			"an editor": {editor, []string{ids[2], ids[1], ids[0]}}, "a moderator": {portal.As(viewer.Moderator), []string{ids[2], ids[1], ids[0]}},
			"a publisher": {own, []string{ids[1]}},
		} {
			list, err := n.List(c.ctx, pagination.Request{})
			n.Must(err)
			var got []string
			for _, e := range list.Edges {
				got = append(got, e.Node.ID)
			}
			total, err := list.TotalCount(c.ctx)
			n.Must(err)
			check.Equal(t, name, fmt.Sprint(got, total), fmt.Sprint(c.want, len(c.want)))
			found, err := n.ByIDs(c.ctx, ids)
			n.Must(err)
			check.Equal(t, name+", by id", len(found), len(c.want))
		}
		for ctx, want := range map[context.Context]fault.Code{public: fault.Unauthenticated, portal.As(viewer.Reader): fault.Forbidden} {
			if _, err := n.List(ctx, pagination.Request{}); !fault.Is(err, want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	})
}

func TestDetailsOf(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		p := n.picture(imagegen.JPEG(700, 500), "社区食堂")
		whole, small := media.Path(p, p.Files[0]), "https://img.example.com"+media.Path(p, p.Files[1])
		var addresses []media.Address
		for _, src := range []string{whole, small, "https://example.com/a.jpg", "", whole} {
			addresses = append(addresses, media.Address{URL: src})
		}
		var found map[media.Address]media.Details
		check.Equal(t, "statements", n.Count(func() {
			var err error
			found, err = n.DetailsOf(public, addresses)
			n.Must(err)
		}), 1)
		check.Equal(t, "addresses of pictures", len(found), 2)
		at := func(src string) media.Details { return found[media.Address{URL: src}] }
		check.Equal(t, "the picture", fmt.Sprintf("%d %d %s", at(whole).Width, at(whole).Height, at(whole).Alt), "700 500 社区食堂")
		check.Equal(t, "a copy", fmt.Sprint(at(small).Width, at(small).Height), "320 229")
		if v := at(small).Variants; len(v) != 2 || !strings.HasPrefix(v[0].URL, "https://img.example.com/media/") {
			t.Errorf("the copies of a copy on another host: %+v", v)
		}
		check.Equal(t, "statements without a picture", n.Count(func() {
			_, err := n.DetailsOf(public, []media.Address{{URL: "https://example.com/a.jpg"}})
			n.Must(err)
		}), 0)
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		p := n.picture(imagegen.JPEG(60, 40), "")
		n.use(p, article.StatusPUBLISHED)
		for name, c := range map[string]struct {
			ctx  context.Context
			id   string
			want fault.Code
		}{
			"anonymous": {public, p.ID, fault.Unauthenticated}, "a moderator": {portal.As(viewer.Moderator), p.ID, fault.Forbidden},
			"no picture": {editor, typeid.New(typeid.Picture, n.Clock()), fault.NotFound}, "no id": {editor, "pic_\x00", fault.NotFound},
			"of another": {as(viewer.Viewer{Role: viewer.Publisher, Publisher: "pub_01h455vb4pex5vsknk084sn02q"}), p.ID, fault.NotFound},
		} {
			if err := n.Delete(c.ctx, c.id, false); !fault.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if err := n.Delete(editor, p.ID, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleted while an article shows it: %v", err)
		}
		n.Must(n.Delete(editor, p.ID, true))
		if err := n.Delete(editor, p.ID, false); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		left, err := os.ReadDir(n.dir)
		n.Must(err)
		for _, d := range left {
			if files, err := os.ReadDir(n.dir + "/" + d.Name()); err != nil || len(files) > 0 {
				t.Errorf("files are left: %v, %v", files, err)
			}
		}
	})
}

// TestWithheld asserts that a picture is withheld while an article that shows it is taken
// down and no public one does, and that it cannot be deleted then.
func TestWithheld(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		p := n.picture(imagegen.JPEG(60, 40), "")
		name := strings.TrimPrefix(media.Path(p, p.Files[0]), "/media/")
		withheld := func(step string, want bool) {
			t.Helper()
			got, err := n.Withheld(public, name)
			n.Must(err)
			check.Equal(t, step, got, want)
		}
		withheld("used by no article", false)
		n.use(p, article.StatusDRAFT)
		withheld("used by a draft", false)
		n.use(p, article.StatusTAKEN_DOWN)
		withheld("used by an article that is taken down", true)
		if err := n.Delete(editor, p.ID, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleted under a legal hold: %v", err)
		}
		n.use(p, article.StatusPUBLISHED)
		withheld("used by a public article too", false)
	})
}

// TestReadErrors asserts that a read that fails names its operation.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		p := n.picture(imagegen.JPEG(60, 40), "")
		gone, cancel := context.WithCancel(editor)
		cancel()
		_, list := n.List(gone, pagination.Request{})
		_, byIDs := n.ByIDs(gone, []string{p.ID})
		_, details := n.DetailsOf(gone, []media.Address{{URL: media.Path(p, p.Files[0])}})
		_, withheld := n.Withheld(gone, strings.TrimPrefix(media.Path(p, p.Files[0]), "/media/"))
		for want, err := range map[string]error{
			"list pictures": list, "read pictures by id": byIDs, "look up uploaded pictures by their hashes": details,
			"read which articles show a picture": withheld, "read the picture to delete": n.Delete(gone, p.ID, false),
		} {
			if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", want, err)
			}
		}
	})
}

func sizes(p *ent.Picture) string {
	list := make([]string, len(p.Files))
	for i, f := range p.Files {
		list[i] = fmt.Sprintf("%dx%d", f.Width, f.Height)
	}
	return strings.Join(list, " ")
}
