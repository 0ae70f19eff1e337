package media_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/media/disk"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/portal"
)

// owners are two publishers, each with a token.
type owners struct {
	*fixture
	one, two       *ent.Publisher
	asOne, asTwo   context.Context
	photo          []byte
	ofOne, ofTwo   *ent.Picture
	address, under string // of the picture, and its name below the address of pictures
}

// newOwners has both publishers upload the same file, with a text of their own.
func newOwners(n *fixture) *owners {
	o := &owners{fixture: n, one: n.Publisher("云渡颐园", true), two: n.Publisher("青禾养老网编辑部", true), photo: imagegen.JPEG(700, 500)}
	o.asOne = as(viewer.Viewer{Role: viewer.Publisher, Publisher: o.one.ID, Name: "云渡"})
	o.asTwo = as(viewer.Viewer{Role: viewer.Publisher, Publisher: o.two.ID, Name: "青禾"})
	var err error
	o.ofOne, err = n.upload(o.asOne, o.photo, "尚未公开的新院")
	n.Must(err)
	o.ofTwo, err = n.upload(o.asTwo, o.photo, "晨练")
	n.Must(err)
	o.address = media.Path(o.ofOne, o.ofOne.Files[0])
	o.under = strings.TrimPrefix(o.address, "/media/")
	return o
}

// show makes an article of the publisher that shows the picture.
func (o *owners) show(publisher *ent.Publisher, status article.Status) *ent.Article {
	o.t.Helper()
	a, err := o.NewArticle(status).SetPublisherID(publisher.ID).Save(portal.System())
	o.Must(err)
	o.Must(o.Client(portal.System()).PictureUse.Create().SetArticleID(a.ID).SetHash(o.ofOne.Hash).
		SetDown(status == article.StatusTAKEN_DOWN).Exec(portal.System()))
	return a
}

// served reports whether the storage has the file of p.
func (n *fixture) served(p *ent.Picture) bool {
	file, err := disk.New(n.dir).Open(editor, strings.TrimPrefix(media.Path(p, p.Files[0]), "/media/"))
	if err == nil {
		err = file.Close()
	}
	return err == nil
}

// TestOwners lets two publishers upload the same file: each has a picture of its own, with its
// own text, uses and deletion; the file stays until the last one is deleted.
func TestOwners(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		o := newOwners(n)
		check.Equal(t, "one picture for both", o.ofOne.ID == o.ofTwo.ID, false)
		check.Equal(t, "the text", string(o.ofTwo.Alt), "晨练")
		check.Equal(t, "the address", media.Path(o.ofTwo, o.ofTwo.Files[0]), o.address)
		again, err := n.upload(o.asTwo, o.photo, "又一段")
		n.Must(err)
		check.Equal(t, "the same file once more", again.ID, o.ofTwo.ID)

		a := o.show(o.two, article.StatusPUBLISHED)
		used, err := n.UsedBy(editor, []string{o.ofOne.ID, o.ofTwo.ID})
		n.Must(err)
		check.Equal(t, "used", used, map[string][]string{o.ofTwo.ID: {a.ID}})
		for publisher, want := range map[string]string{o.one.ID: "尚未公开的新院", o.two.ID: "晨练", "": ""} {
			at := media.Address{Publisher: publisher, URL: o.address}
			found, err := n.DetailsOf(public, []media.Address{at})
			n.Must(err)
			check.Equal(t, "the text for "+publisher, found[at].Alt, want)
			check.Equal(t, "the width for "+publisher, found[at].Width, 700)
		}

		if err := n.Delete(o.asTwo, o.ofTwo.ID, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleted while an article of its owner shows it: %v", err)
		}
		n.Must(n.Delete(o.asOne, o.ofOne.ID, false))
		check.Equal(t, "the file is there after one of two was deleted", o.served(o.ofOne), true)
		n.Must(n.Delete(o.asTwo, o.ofTwo.ID, true))
		check.Equal(t, "the file is there after both were deleted", o.served(o.ofOne), false)
	})
}

// TestDeleteForAll asserts that a picture which an editor deletes even if articles show it
// disappears for every publisher, and for none while an article of one is taken down.
func TestDeleteForAll(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		o := newOwners(n)
		down := o.show(o.two, article.StatusTAKEN_DOWN)
		if err := n.Delete(editor, o.ofOne.ID, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleted under a legal hold: %v", err)
		}
		n.Must(n.Client(portal.System()).PictureUse.Update().SetDown(false).Exec(portal.System()))
		n.Must(n.Delete(o.asOne, o.ofOne.ID, true))
		check.Equal(t, "the picture of another publisher is there", o.served(o.ofOne), true)
		_, err := n.upload(o.asOne, o.photo, "")
		n.Must(err)
		n.Must(n.Delete(editor, o.ofTwo.ID, true))
		left, err := n.Client(portal.System()).Picture.Query().Count(portal.System())
		n.Must(err)
		check.Equal(t, "pictures that are left", left, 0)
		check.Equal(t, "the file is there", o.served(o.ofOne), false)
		check.Equal(t, "the article", down.Status, article.StatusTAKEN_DOWN)
	})
}

// TestWithheldByOwner asserts that a picture which was taken down with an article is not
// brought back by an article of a publisher that only names its address.
func TestWithheldByOwner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		o := newOwners(n)
		n.Must(n.Client(portal.System()).Picture.DeleteOneID(o.ofTwo.ID).Exec(portal.System()))
		o.show(o.one, article.StatusTAKEN_DOWN)
		o.show(o.two, article.StatusPUBLISHED)
		withheld := func(step string, want bool) {
			t.Helper()
			got, err := n.Withheld(public, o.under)
			n.Must(err)
			check.Equal(t, step, got, want)
		}
		withheld("shown by a publisher without the picture", true)
		if err := n.Delete(o.asOne, o.ofOne.ID, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleted under a legal hold: %v", err)
		}
		_, err := n.upload(o.asTwo, o.photo, "")
		n.Must(err)
		withheld("shown by a publisher that uploaded it", false)
	})
}

// TestUploadDuringDelete lets one publisher upload a file while another deletes its picture of
// it: the files of a picture that was acknowledged are there.
func TestUploadDuringDelete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		o := newOwners(n)
		photo := imagegen.PNG(40, 30, false)
		for range effort.N(10) {
			first, err := n.upload(o.asOne, photo, "")
			n.Must(err)
			in, err := n.Receive(o.asTwo, bytes.NewReader(photo))
			n.Must(err)
			var second *ent.Picture
			var added, deleted error
			var both sync.WaitGroup
			both.Go(func() { second, added = n.Add(o.asTwo, in, "") })
			both.Go(func() { deleted = n.Delete(o.asOne, first.ID, false) })
			both.Wait()
			in.Discard()
			n.Must(added)
			n.Must(deleted)
			if !n.served(second) {
				t.Fatal("the file of an acknowledged upload is missing")
			}
			n.Must(n.Delete(o.asTwo, second.ID, false))
		}
		left, err := n.Client(portal.System()).Picture.Query().Where(picture.HashNEQ(o.ofOne.Hash)).Count(portal.System())
		n.Must(err)
		check.Equal(t, "pictures that are left", left, 0)
	})
}
