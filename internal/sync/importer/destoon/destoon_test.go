package destoon_test

import (
	"context"
	"database/sql"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tonggao/tonggao/internal/sync/importer/destoon"
	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
	"github.com/tonggao/tonggao/internal/testkit/mariadb"
)

var update = flag.Bool("update", false, "write the results into testdata")

func portal(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/portal.sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// recordsOf returns the records of a portal, printed.
func recordsOf(t testing.TB, tables *mysql.Tables) string {
	t.Helper()
	p, err := destoon.New(context.Background(), tables, "")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("site " + p.Address() + "\n")
	err = p.Records(context.Background(), func(r record.Record) error {
		b.WriteString(record.String(r))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fromDump returns the records of a dump, printed.
func fromDump(t testing.TB, dump string) string {
	t.Helper()
	tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader(dump)}, "", destoon.Wanted)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	return recordsOf(t, tables)
}

// TestRecords compares the records of the portal in testdata with the file records.
func TestRecords(t *testing.T) {
	t.Parallel()
	got := fromDump(t, portal(t))
	if *update {
		if err := os.WriteFile("testdata/records", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("testdata/records")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// TestPrefixAndEncoding reads the portal in GBK, with another prefix of its tables, and of an
// older version without areas, subtitles and modules.
func TestPrefixAndEncoding(t *testing.T) {
	t.Parallel()
	want := fromDump(t, portal(t))
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(strings.ReplaceAll(portal(t), "utf8mb4", "gbk"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, fromDump(t, gbk)); diff != "" {
		t.Errorf("in GBK: %s", diff)
	}
	if diff := cmp.Diff(want, fromDump(t, strings.ReplaceAll(portal(t), "`destoon_", "`dt_"))); diff != "" {
		t.Errorf("with another prefix: %s", diff)
	}
	old := "CREATE TABLE destoon_article_21 (itemid int, catid int, title varchar(80), username char(30), addtime int, status int, linkurl varchar(100), PRIMARY KEY (itemid));\n" +
		"INSERT INTO destoon_article_21 VALUES ('1','1','老版本','lin','1300000000','3','1.html');\n" +
		"CREATE TABLE destoon_category (catid int, moduleid int, catname char(20), parentid int, PRIMARY KEY (catid));INSERT INTO destoon_category VALUES (1,21,'新闻',1);"
	got := fromDump(t, old)
	for _, want := range []string{"Category category/1", "Parent: category/1", "Title: 老版本", "Status: \"published\"", "Publisher: publisher/lin"} {
		if !strings.Contains(got, want) {
			t.Errorf("an old version is without %s: %s", want, got)
		}
	}
}

// TestLive compares the records of a server, with columns in UTF-8 and in GBK, with those
// of the dump.
func TestLive(t *testing.T) {
	t.Parallel()
	socket := mariadb.Start(t)
	want := fromDump(t, portal(t))
	for _, charset := range []string{"utf8mb4", "gbk"} {
		fill(t, socket, "yundu_"+charset, strings.ReplaceAll(portal(t), "DEFAULT CHARSET=utf8mb4", "DEFAULT CHARSET="+charset))
		tables, err := mysql.Connect(context.Background(), "mysql://root@localhost/yundu_"+charset+"?socket="+socket, "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, recordsOf(t, tables)); diff != "" {
			t.Errorf("columns in %s: %s", charset, diff)
		}
		if err := tables.Close(); err != nil {
			t.Error(err)
		}
	}
	raw, err := mysql.Connect(context.Background(), "mysql://root@localhost/yundu_gbk?socket="+socket, "gbk")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if diff := cmp.Diff(want, recordsOf(t, raw)); diff != "" {
		t.Errorf("with --encoding: %s", diff)
	}
}

// fill executes a dump in a new database.
func fill(t *testing.T, socket, name, dump string) {
	t.Helper()
	config := driver.NewConfig()
	config.User, config.Net, config.Addr, config.MultiStatements = "root", "unix", socket, true
	connector, err := driver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	dump, _, _ = strings.Cut(dump, "DELIMITER") // which is for its client
	if _, err := db.Exec("CREATE DATABASE " + name + "; USE " + name + ";" + dump); err != nil {
		t.Fatal(err)
	}
}

// TestOtherTables opens a database of something else.
func TestOtherTables(t *testing.T) {
	t.Parallel()
	tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader("CREATE TABLE member (a int);")}, "", destoon.Wanted)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	if _, err := destoon.New(context.Background(), tables, ""); err == nil || !strings.Contains(err.Error(), "no tables of Destoon") {
		t.Errorf("got %v", err)
	}
}
