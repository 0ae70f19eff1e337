package mysql_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
)

func all(string) bool { return true }

// dump returns the rows of a table of a dump.
func dump(text, encoding, table, key string) (rows []mysql.Row, err error) {
	tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader(text)}, encoding, all)
	if err != nil {
		return nil, err
	}
	defer tables.Close()
	err = tables.Each(context.Background(), table, key, func(page []mysql.Row) error {
		rows = append(rows, page...)
		return nil
	})
	return rows, err
}

const ferries = "CREATE TABLE `db`.`ferry` (\n  `Id` int(10) NOT NULL AUTO_INCREMENT,\n  `name` varchar(20) DEFAULT 'a,b)' COMMENT 'x, y',\n  kind enum('a','b') NOT NULL,\n  `price` decimal(10,2), PRIMARY KEY (`Id`,`name`), UNIQUE KEY `n` (`name`)\n) ENGINE=MyISAM DEFAULT CHARSET=utf8;\n"

// TestDump reads all forms of statements and values.
func TestDump(t *testing.T) {
	t.Parallel()
	_, err := dump("\ufeff-- 注释 ; '\n# 注释\n/* ; ' */\nUSE `db`;\n"+ferries+
		"INSERT INTO `db`.`ferry` VALUES (10,'甲\\'乙''丙\\n\\\\\\0\\Z\\%',\"b\",1.50),(9 , NULL, 'a',-2.25);\n"+
		"insert ignore into ferry (name, id, kind) values ('007', 1, _utf8'a') ON DUPLICATE KEY UPDATE name = 'x';\n"+
		"REPLACE INTO ferry VALUES (2, 0xE794B2, 'a', 1e-3);;\nINSERT INTO `ferry` (`id`,`name`) VALUES (3,TRUE)", "", "ferry", "id")
	if err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("without the last semicolon: %v", err)
	}
	rows, err := dump(ferries+"INSERT INTO `db`.`ferry` VALUES (10,'甲\\'乙''丙\\n\\\\\\0\\Z\\%',\"b\",1.50),(9 , NULL, 'a',-2.25);\n"+
		"insert ignore into ferry (name, id, kind) values ('007', 1, _utf8'a') ON DUPLICATE KEY UPDATE name = 'x';\n"+
		"REPLACE INTO ferry VALUES (2, 0xE794B2, 'a', 1e-3);;\n", "", "ferry", "id")
	if err != nil {
		t.Fatal(err)
	}
	want := []mysql.Row{
		{"id": "1", "name": "007", "kind": "a", "price": ""}, {"id": "2", "name": "甲", "kind": "a", "price": "0.001"},
		{"id": "9", "name": "", "kind": "a", "price": "-2.25"}, {"id": "10", "name": "甲'乙'丙\n\\\x00\x1a\\%", "kind": "b", "price": "1.5"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if n := want[2].Int("price"); n != -2 || want[0].Int("name") != 7 || want[0].Int("none") != 0 {
		t.Errorf("numbers: %d", n)
	}
}

// TestEncodings reads texts in several encodings; 稞 in GBK and 功 in Big5 end with a backslash.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const insert = "INSERT INTO ferry VALUES (1,'青稞酒','a',1);"
	// In raw bytes every backslash is escaped, also the second byte of a character.
	raw := strings.ReplaceAll(in(t, simplifiedchinese.GBK, "青稞酒"), "\\", "\\\\")
	for name, c := range map[string]struct{ dump, encoding, want string }{
		"UTF-8":             {"SET NAMES utf8;" + ferries + insert, "", "青稞酒"},
		"GBK":               {"/*!40101 SET NAMES gbk */;" + ferries + in(t, simplifiedchinese.GBK, insert), "", "青稞酒"},
		"GBK by the table":  {strings.ReplaceAll(ferries, "utf8", "gbk") + in(t, simplifiedchinese.GBK, insert), "", "青稞酒"},
		"GBK by the flag":   {ferries + in(t, simplifiedchinese.GBK, insert), "gbk", "青稞酒"},
		"GBK as raw bytes":  {"SET NAMES latin1;" + strings.ReplaceAll(ferries, "utf8", "latin1") + "INSERT INTO ferry VALUES (1,'" + raw + "','a',1);", "", "青稞酒"},
		"GB18030, 4 bytes":  {"SET NAMES gb18030;" + ferries + in(t, simplifiedchinese.GB18030, "INSERT INTO ferry VALUES (1,'𠮷','a',1);"), "", "𠮷"},
		"GBK named wrongly": {"SET NAMES utf8;" + ferries + in(t, simplifiedchinese.GBK, "INSERT INTO ferry VALUES (1,'渡船','a',1);"), "", "渡船"},
		"Big5":              {"SET NAMES big5;" + ferries + in(t, traditionalchinese.Big5, "INSERT INTO ferry VALUES (1,'成功','a',1);"), "", "成功"},
		"neither":           {ferries + "INSERT INTO ferry VALUES (1,'a\xff\xff','a',1);", "", "a\ufffd\ufffd"},
	} {
		rows, err := dump(c.dump, c.encoding, "ferry", "id")
		if err != nil || len(rows) != 1 || rows[0]["name"] != c.want {
			t.Errorf("%s: %q, %v", name, rows, err)
		}
	}
	if mysql.CheckEncoding("klingon") == nil || mysql.CheckEncoding("GBK") != nil || mysql.CheckEncoding("") != nil {
		t.Error("the names of encodings are checked wrongly")
	}
}

func in(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestHostile reads what is damaged or no dump: the error names the line.
func TestHostile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		ferries + "INSERT INTO ferry VALUES (1,'甲":         "line 7: a text that begins here has no end: the dump is cut off here",
		ferries + "INSERT INTO ferry VALUES (1,'甲'":        "line 7: the dump is cut off here, in a row of the table ferry",
		ferries + "INSERT INTO ferry VALUES (1,'甲','a',1)": "line 7: the dump is cut off here, in the rows of the table ferry",
		ferries[:60]: "cut off",
		ferries + "INSERT INTO ferry VALUES (1,'甲');":         "has not 4 values",
		ferries + "INSERT INTO ferry VALUES (1,2,3,4,5);":     "has not 4 values",
		ferries + "INSERT INTO ferry VALUES (NOW(),2,3,4);":   "\"NOW\" is no value that a dump has",
		ferries + "INSERT INTO ferry VALUES (1,2,3,0xZZ);":    "is no value",
		ferries + "INSERT INTO ferry SELECT * FROM x;":        "VALUES is expected, not \"SELECT\"",
		ferries + "INSERT INTO ferry (id) VALUES (1) garbage": "a row of the table ferry is expected",
		ferries + "INSERT INTO ferry (none) VALUES (1);":      "no column named none",
		"INSERT INTO ferry VALUES (1);":                       "has rows and no definition",
		"-- MySQL dump 10.13\n" + ferries:                     "no last line \"-- Dump completed\"",
		"/* ":                                                 "a comment that begins here has no end",
		"DELIMITER ;;\nCREATE TRIGGER":                        "in a procedure or trigger",
		"SELECT 1":                                            "in the middle of a statement",
		"INSERT INTO ;":                                       "the name of a table is expected",
		"/*!40101 ":                                           "",
	} {
		if _, err := dump(text, "", "ferry", "id"); want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := dump("", "", "none", "id"); err != nil {
		t.Errorf("an empty dump: %v", err)
	}
}

// endless is a text without an end.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	if !e.begun {
		e.begun = true
		copy(p, ferries+"INSERT INTO ferry VALUES (1,'")
	}
	return len(p), nil
}

func TestEndlessValue(t *testing.T) {
	t.Parallel()
	if _, err := mysql.Dump(context.Background(), []io.Reader{&endless{}}, "", all); err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Errorf("got %v", err)
	}
}

// TestFiles reads a dump in two files, and leaves tables out.
func TestFiles(t *testing.T) {
	t.Parallel()
	tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader(ferries + "CREATE TABLE secret (a int); INSERT INTO secret VALUES (1);"), strings.NewReader(ferries + "INSERT INTO ferry VALUES (1,'甲','a',1);")},
		"", func(table string) bool { return table == "ferry" })
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	if diff := cmp.Diff([]string{"ferry"}, tables.Names()); diff != "" || !tables.Has("ferry") || tables.Has("secret") {
		t.Error(diff)
	}
	rows, err := tables.In(context.Background(), "ferry", "id", []int64{1, 2})
	if err != nil || len(rows) != 1 {
		t.Errorf("%v, %v", rows, err)
	}
	if rows, err := tables.In(context.Background(), "secret", "a", []int64{1}); err != nil || rows != nil {
		t.Errorf("a table that is not there: %v, %v", rows, err)
	}
	stop := errors.New("enough")
	if err := tables.Each(context.Background(), "ferry", "id", func([]mysql.Row) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

// TestConnectRefuses names what is wrong with the address of a server.
func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"mysql://localhost": "looks like mysql://", "mysql://%zz/x": "looks like mysql://", "mysql://root@localhost/x?socket=/none/s": "connect to the server"} {
		if _, err := mysql.Connect(context.Background(), address, "gbk"); err == nil || !strings.Contains(err.Error(), want) || !mysql.IsAddress(address) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// FuzzDump reads any bytes as a dump: as an error, or as tables.
func FuzzDump(f *testing.F) {
	f.Add(ferries+"INSERT INTO ferry VALUES (1,'甲','a',1);", "")
	f.Add("/*!40101 SET NAMES gbk */;CREATE TABLE a (b text);INSERT INTO a VALUES ('\x8e\\'),(NULL),(-1),(0x41);", "gbk")
	f.Add("DELIMITER ;;\nx;;\nDELIMITER ;\nREPLACE INTO `a`.`b` (c) VALUES (1) ON DUPLICATE KEY UPDATE c=1;", "big5")
	f.Fuzz(func(t *testing.T, text, encoding string) {
		tables, err := mysql.Dump(context.Background(), []io.Reader{strings.NewReader(text)}, encoding, all)
		if err == nil {
			_ = tables.Close()
		}
	})
}
