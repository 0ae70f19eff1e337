package soak_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"

	entschema "github.com/tonggao/tonggao/ent/schema"
)

// upload uploads a new picture.
func (w *writer) upload() error {
	w.count++
	r, err := http.NewRequest(http.MethodPost, w.address+"/upload", bytes.NewReader(imagegen.JPEG(400, 100+w.count%2000)))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+w.tokens["EDITOR"])
	response, err := w.http.Do(r)
	if err != nil {
		return errGone
	}
	defer response.Body.Close()
	var answer struct {
		ID     string
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return errGone
	}
	if answer.ID == "" {
		return fmt.Errorf("the upload was refused: %v", answer.Errors)
	}
	w.log.put(w.t, entry{Picture: answer.ID})
	return nil
}

// pictures compares the pictures of the database with the ledger, and checks that each has
// all its files, complete.
func pictures(t *testing.T, url, dir string, log *ledger) {
	t.Helper()
	s := storetest.Open(t, url)
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	}()
	stored := map[string]bool{}
	for _, id := range column(t, s, `SELECT id FROM pictures`) {
		stored[id] = true
	}
	for _, e := range log.entries(t) {
		if e.Picture != "" && !stored[e.Picture] {
			t.Errorf("acknowledged, and lost: %s", e.Picture)
		}
	}
	for _, row := range column(t, s, `SELECT hash || files FROM pictures`) {
		var files []entschema.PictureFile
		if err := json.Unmarshal([]byte(row[40:]), &files); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name := mediaurl.Name(row[:40], f.Width, "jpg")
			data, err := os.ReadFile(filepath.Join(dir, name[:2], name))
			if err != nil || len(data) != f.Bytes {
				t.Errorf("the file %s has %d bytes, want %d: %v", name, len(data), f.Bytes, err)
			} else if _, _, err := image.Decode(bytes.NewReader(data)); err != nil {
				t.Errorf("the file %s: %v", name, err)
			}
		}
	}
}
