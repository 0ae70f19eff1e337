package record_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

func TestString(t *testing.T) {
	t.Parallel()
	a := &record.Article{Common: record.Common{Key: "article/1", Where: "article 1", Lost: []string{"乙", "甲"}}, Title: "一碗面",
		Text: "一\n二\n", Tags: []string{"助餐", "老街"}, Views: 3, PublishedAt: 1_700_000_000_000_000, Facts: map[string]string{"level": "2"}}
	want := `Article article/1 (article 1)
  Title: 一碗面
  Tags: 助餐 | 老街
  PublishedAt: 2023-11-15T06:13:20+08:00
  Views: 3
  Text: 一
    二
  Facts: {"level":"2"}
  lost: 乙
  lost: 甲
`
	if diff := cmp.Diff(want, record.String(a)); diff != "" {
		t.Error(diff)
	}
	if a.Lost[0] != "乙" {
		t.Error("printing sorted the record itself")
	}
}
