package dedecms_test

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

	"github.com/tonggao/tonggao/internal/sync/importer/dedecms"
	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
	"github.com/tonggao/tonggao/internal/testkit/mariadb"
)

var update = flag.Bool("update", false, "write the results into testdata")

func site(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/site.sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// recordsOf returns the records of a site, printed.
func recordsOf(t testing.TB, tables *mysql.Tables) string {
	t.Helper()
	s, err := dedecms.New(context.Background(), tables, "")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("site " + s.Address() + "\n")
	err = s.Records(context.Background(), func(r record.Record) error {
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
	tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader(dump)}, "", dedecms.Wanted)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	return recordsOf(t, tables)
}

// TestRecords compares the records of the site in testdata with the file records.
func TestRecords(t *testing.T) {
	t.Parallel()
	got := fromDump(t, site(t))
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

// TestPrefixAndEncoding reads the site in GBK, with another prefix of its tables, and with
// categories that are below each other.
func TestPrefixAndEncoding(t *testing.T) {
	t.Parallel()
	want := fromDump(t, site(t))
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(strings.ReplaceAll(strings.Replace(site(t), "NAMES utf8", "NAMES gbk", 1), "CHARSET=utf8", "CHARSET=gbk"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, fromDump(t, gbk)); diff != "" {
		t.Errorf("in GBK: %s", diff)
	}
	if diff := cmp.Diff(want, fromDump(t, strings.ReplaceAll(site(t), "dede_", "yd_"))); diff != "" {
		t.Errorf("with another prefix: %s", diff)
	}
	around := fromDump(t, strings.Replace(site(t), "(2,0,10,", "(2,1,10,", 1))
	if strings.Count(around, "Category category/1 ") != 1 || strings.Count(around, "Category category/2 ") != 1 {
		t.Errorf("categories below each other: %s", around)
	}
}

// TestLive compares the records of a server with those of the dump.
func TestLive(t *testing.T) {
	t.Parallel()
	socket := mariadb.Start(t)
	fill(t, socket, "linlan", site(t))
	tables, err := mysql.Connect(context.Background(), "mysql://root@localhost/linlan?socket="+socket, "")
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	if diff := cmp.Diff(fromDump(t, site(t)), recordsOf(t, tables)); diff != "" {
		t.Error(diff)
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
	if _, err := db.Exec("CREATE DATABASE " + name + "; USE " + name + ";" + dump); err != nil {
		t.Fatal(err)
	}
}

// TestOtherTables opens a database of something else.
func TestOtherTables(t *testing.T) {
	t.Parallel()
	tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader("CREATE TABLE member (a int);")}, "", dedecms.Wanted)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	if _, err := dedecms.New(context.Background(), tables, ""); err == nil || !strings.Contains(err.Error(), "no tables of DedeCMS") {
		t.Errorf("got %v", err)
	}
}
