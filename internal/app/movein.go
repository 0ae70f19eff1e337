package app

import (
	"net/netip"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/sync/importer/fetch"
)

// pictureTimeout is the time that one picture of a site may take to download.
const pictureTimeout = time.Minute

// SiteImporter returns an importer that also stores the pictures of a site, and may
// download them, also from the networks in allow, which are not public.
func (s *Services) SiteImporter(c config.Config, allow []netip.Prefix) (*importer.Importer, error) {
	files, err := Storage(c)
	if err != nil {
		return nil, err
	}
	i := s.Importer()
	i.Pictures = media.New(media.Options{Store: s.Store, Audit: s.Audit, Files: files,
		Limits: media.Limits{Bytes: int64(c.UploadBytes), Pixels: int64(c.UploadPixels)}})
	client := egress.New(egress.Options{Allow: allow, Plain: true, Timeout: pictureTimeout})
	i.Download = fetch.New(client, "Tonggao import", fetch.Pause).Get
	return i, nil
}
