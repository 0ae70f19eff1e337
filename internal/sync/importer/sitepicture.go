package importer

import (
	"context"
	"errors"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// Download fetches a remote picture.
type Download func(ctx context.Context, address string) (io.ReadCloser, error)

// maxDownloads limits how many pictures are fetched at the same time.
const maxDownloads = 4

// picture is what became of a picture of the site.
type picture struct {
	path string // here; "": it stays where it is
	err  error
}

// picturesOf stores the pictures of articles, each once, and returns what became of them
// by their addresses there.
func (m *mover) picturesOf(ctx context.Context, tasks []*task) (map[string]picture, error) {
	found := map[string]picture{}
	for _, t := range tasks {
		body.Walk(t.text.body, func(_ body.Path, n body.Node) bool {
			if n.Kind == body.KindImage || n.Kind == body.KindInlineImage {
				found[n.Src] = picture{}
			}
			return true
		})
		if t.text.cover != "" {
			found[t.text.cover] = picture{}
		}
	}
	keys := make([]string, 0, len(found))
	for address := range found {
		keys = append(keys, m.pictureKey(address))
	}
	known, err := lookUp(ctx, m.Store.Client(ctx), keys)
	if err != nil || m.Pictures == nil {
		return found, err
	}
	var fetchers errgroup.Group
	fetchers.SetLimit(maxDownloads)
	results := make(chan func(), len(found))
	for address := range found {
		if row := known[m.pictureKey(address)]; row != nil {
			found[address] = picture{path: row.item}
			continue
		}
		fetchers.Go(func() error {
			path, err := m.store(ctx, address)
			results <- func() { found[address] = picture{path, err} }
			return nil
		})
	}
	if err := fetchers.Wait(); err != nil {
		return nil, err
	}
	close(results)
	for set := range results {
		set()
	}
	return found, m.savePictures(ctx, found, known)
}

// pictureKey returns the key of a picture in the table imported. A picture of a folder
// belongs to its site; an address in the web is the same for all sites.
func (m *mover) pictureKey(address string) string {
	if strings.HasPrefix(address, "http") && !strings.HasPrefix(address, record.NoAddress) {
		return "picture:" + address
	}
	return m.prefix + "picture:" + strings.TrimPrefix(address, record.NoAddress)
}

// savePictures notes the pictures that were stored now.
func (m *mover) savePictures(ctx context.Context, found map[string]picture, known map[string]*imported) error {
	for address, p := range found {
		if p.path == "" || m.DryRun || known[m.pictureKey(address)] != nil {
			continue
		}
		if err := (imported{source: m.pictureKey(address), item: p.path}).save(ctx, m.Store.Client(ctx)); err != nil {
			return err
		}
		m.sum.Pictures++
	}
	return ctx.Err()
}

// store stores the picture with an address: from this machine or, where that is wanted,
// from the network. It returns its path here; ErrNoFile where it stays where it is.
func (m *mover) store(ctx context.Context, address string) (string, error) {
	in, err := m.site.Open(strings.TrimPrefix(address, record.NoAddress))
	remote := strings.HasPrefix(address, "http") && !strings.HasPrefix(address, record.NoAddress)
	if errors.Is(err, record.ErrNoFile) && remote && m.Fetch && !m.DryRun && m.Download != nil {
		in, err = m.Download(ctx, address)
	}
	if err != nil {
		return "", err
	}
	defer in.Close()
	if m.DryRun {
		return address, nil
	}
	file, err := m.Pictures.Receive(ctx, in)
	if err != nil {
		return "", err
	}
	defer file.Discard()
	p, err := m.Pictures.Add(ctx, file, "")
	if err != nil {
		return "", err
	}
	return media.Path(p, p.Files[0]), nil
}
