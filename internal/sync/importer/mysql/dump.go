// Package mysql reads the tables of a MySQL or MariaDB database: from a dump in SQL, as
// mysqldump, phpMyAdmin and the backups of content systems write it, or from the server.
//
// The rows of a dump that are wanted are copied into a temporary database, because a
// reader of a content system joins tables that a dump has one after the other. Both
// sources give the same rows: texts in UTF-8.
package mysql

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tonggao/tonggao/internal/store"
)

// rowsPerTransaction is how many rows of a dump are copied in one transaction.
const rowsPerTransaction = 5_000

// Dump copies the tables of a dump that are wanted. Encoding is that of the texts, or ""
// for what the dump says. A dump in several files is loaded by several readers in turn.
func Dump(ctx context.Context, from []io.Reader, encoding string, wanted func(table string) bool) (_ *Tables, err error) {
	db, err := store.Scratch(ctx)
	if err != nil {
		return nil, err
	}
	l := &loader{db: db, wanted: wanted, columns: map[string][]string{}, text: decoder{forced: encoding}}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	for _, r := range from {
		if err := l.load(ctx, r); err != nil {
			return nil, err
		}
	}
	for _, statement := range l.indexes {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("index a table of the dump: %w", err)
		}
	}
	t := &Tables{db: db, names: map[string]bool{}}
	for table := range l.columns {
		t.names[table] = true
	}
	return t, nil
}

// loader copies a dump.
type loader struct {
	*lexer
	db      *sql.DB
	tx      *sql.Tx
	rows    int // of the transaction
	wanted  func(string) bool
	columns map[string][]string // of the tables that are wanted
	indexes []string
	text    decoder
}

// load copies one file.
func (l *loader) load(ctx context.Context, r io.Reader) (err error) {
	l.lexer = newLexer(r)
	l.pairs = l.text.pairs()
	defer func() {
		if l.tx != nil {
			err = errors.Join(err, l.tx.Commit())
			l.tx = nil
		}
	}()
	for {
		t, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case t.kind == end && l.header && !l.footer:
			return l.at(fmt.Errorf("%w: it has no last line \"-- Dump completed\"", errCutOff))
		case t.kind == end:
			return nil
		case t.is(";"):
			continue
		}
		if err := l.statement(ctx, t); err != nil {
			return err
		}
	}
}

// statement reads one statement, of which the first token was read.
func (l *loader) statement(ctx context.Context, first token) error {
	switch {
	case first.is("CREATE"):
		t, err := l.next()
		if err == nil && t.is("TABLE") {
			return l.create(ctx)
		}
		return l.skip(t, err)
	case first.is("INSERT"), first.is("REPLACE"):
		return l.insert(ctx)
	case first.is("SET"):
		return l.set()
	case first.is("DELIMITER"):
		return l.procedures()
	}
	return l.skip(l.next())
}

// skip reads to the end of a statement.
func (l *loader) skip(t token, err error) error {
	for ; err == nil; t, err = l.next() {
		if t.is(";") {
			return nil
		}
		if t.kind == end {
			return l.at(fmt.Errorf("%w, in the middle of a statement", errCutOff))
		}
	}
	return err
}

// set reads SET NAMES, which names the encoding of what follows.
func (l *loader) set() error {
	t, err := l.next()
	if err == nil && t.is("NAMES") {
		if t, err = l.next(); err == nil && (t.kind == word || t.kind == text || t.kind == name) {
			l.text.names = strings.ToLower(string(t.text))
			l.pairs = l.text.pairs()
			t, err = l.next()
		}
	}
	return l.skip(t, err)
}

// procedures skips procedures and triggers, whose statements end otherwise.
func (l *loader) procedures() error {
	for {
		text, err := l.in.ReadString('\n')
		if l.line++; strings.TrimSpace(text) == "DELIMITER ;" {
			return nil
		}
		if err != nil {
			return l.at(fmt.Errorf("%w, in a procedure or trigger", errCutOff))
		}
	}
}

// name reads the name of a table, without that of its database.
func (l *loader) name(t token) (string, error) {
	for {
		if t.kind != name && t.kind != word {
			return "", l.at(fmt.Errorf("the name of a table is expected, not %.40q", t.text))
		}
		table := string(t.text)
		if ahead, _ := l.in.Peek(1); t.kind == word || len(ahead) == 0 || ahead[0] != '.' {
			return table[strings.LastIndexByte(table, '.')+1:], nil
		}
		_, _ = l.byte()
		var err error
		if t, err = l.next(); err != nil {
			return "", err
		}
	}
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// exec executes a statement in the transaction, which it begins and ends as needed.
func (l *loader) exec(ctx context.Context, statement string, args ...any) (_ sql.Result, err error) {
	if l.tx == nil {
		if l.tx, err = l.db.BeginTx(ctx, nil); err != nil {
			return nil, fmt.Errorf("copy the dump: %w", err)
		}
	}
	result, err := l.tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return nil, l.at(fmt.Errorf("copy the dump: %w", err))
	}
	if l.rows++; l.rows >= rowsPerTransaction {
		err, l.tx, l.rows = l.tx.Commit(), nil, 0
	}
	return result, err
}

// insert reads the rows after INSERT or REPLACE.
func (l *loader) insert(ctx context.Context) error {
	t, err := l.next()
	for err == nil && (t.is("IGNORE") || t.is("DELAYED") || t.is("LOW_PRIORITY") || t.is("HIGH_PRIORITY") || t.is("INTO")) {
		t, err = l.next()
	}
	if err != nil {
		return err
	}
	table, err := l.name(t)
	if err != nil {
		return err
	}
	if !l.wanted(table) {
		return l.skip(l.next())
	}
	columns := l.columns[table]
	if t, err = l.next(); err != nil {
		return err
	}
	if t.is("(") {
		if columns, err = l.list(); err == nil {
			t, err = l.next()
		}
	}
	switch {
	case err != nil:
		return err
	case l.columns[table] == nil:
		return l.at(fmt.Errorf("the table %s has rows and no definition; make a dump with structure and data", table))
	case !t.is("VALUES") && !t.is("VALUE"):
		return l.at(fmt.Errorf("VALUES is expected, not %.40q", t.text))
	}
	return l.values(ctx, table, columns)
}

// list reads the names of columns to the closing parenthesis.
func (l *loader) list() (columns []string, err error) {
	for {
		t, err := l.next()
		switch {
		case err != nil:
			return nil, err
		case t.is(")"):
			return columns, nil
		case t.is(","):
		case t.kind == name || t.kind == word:
			columns = append(columns, strings.ToLower(string(t.text)))
		default:
			return nil, l.at(fmt.Errorf("the name of a column is expected, not %.40q", t.text))
		}
	}
}

// values copies rows to the end of the statement.
func (l *loader) values(ctx context.Context, table string, columns []string) error {
	quoted, places := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		quoted[i], places[i] = quote(c), "?"
	}
	statement := "INSERT INTO " + quote(table) + " (" + strings.Join(quoted, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
	row := make([]any, 0, len(columns))
	for {
		t, err := l.next()
		if err != nil {
			return err
		}
		switch {
		case t.is(","):
		case t.is(";"):
			return ctx.Err()
		case t.is("ON"): // DUPLICATE KEY UPDATE
			return l.skip(t, nil)
		case t.kind == end:
			return l.at(fmt.Errorf("%w, in the rows of the table %s", errCutOff, table))
		case !t.is("("):
			return l.at(fmt.Errorf("a row of the table %s is expected, not %.40q", table, t.text))
		default:
			if row, err = l.row(row[:0], table, len(columns)); err != nil {
				return err
			}
			if _, err := l.exec(ctx, statement, row...); err != nil {
				return err
			}
		}
	}
}

// row reads the values of a row after its opening parenthesis.
func (l *loader) row(row []any, table string, want int) ([]any, error) {
	for minus := false; ; {
		t, err := l.next()
		switch {
		case err != nil:
			return nil, err
		case t.kind == end:
			return nil, l.at(fmt.Errorf("%w, in a row of the table %s", errCutOff, table))
		case t.is(")") && len(row) == want:
			return row, nil
		case t.is(")") || len(row) > want:
			return nil, l.at(fmt.Errorf("a row of the table %s has not %d values", table, want))
		case t.is(","):
		case t.is("-"), t.is("+"):
			minus = t.is("-")
		case t.kind == text:
			row = append(row, l.text.decode(t.text))
		case t.kind == word && t.text[0] == '_': // _binary and _utf8 in front of a text
		case t.kind == word:
			value, err := literal(string(t.text), minus)
			if err != nil {
				return nil, l.at(err)
			}
			row, minus = append(row, value), false
		default:
			return nil, l.at(fmt.Errorf("a value of the table %s is expected, not %.40q", table, t.text))
		}
	}
}

// literal returns the value of a word.
func literal(text string, minus bool) (any, error) {
	switch {
	case strings.EqualFold(text, "NULL"):
		return nil, nil
	case strings.EqualFold(text, "TRUE"):
		return "1", nil
	case strings.EqualFold(text, "FALSE"):
		return "0", nil
	case strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X"):
		value, err := hex.DecodeString(text[2:])
		if err != nil {
			return nil, fmt.Errorf("%.40q is no value: %w", text, err)
		}
		return string(value), nil
	case text[0] >= '0' && text[0] <= '9' || text[0] == '.':
		if minus {
			text = "-" + text
		}
		return text, nil
	}
	return nil, fmt.Errorf("%.40q is no value that a dump has", text)
}
