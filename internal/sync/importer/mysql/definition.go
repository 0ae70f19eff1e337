package mysql

import (
	"context"
	"fmt"
	"strings"
)

// create reads the columns of a table after CREATE TABLE.
func (l *loader) create(ctx context.Context) error {
	t, err := l.next()
	for err == nil && (t.is("IF") || t.is("NOT") || t.is("EXISTS")) {
		t, err = l.next()
	}
	if err != nil {
		return err
	}
	table, err := l.name(t)
	if err != nil {
		return err
	}
	if t, err = l.next(); err != nil || !t.is("(") {
		return l.skip(t, err)
	}
	columns, types, key, err := l.definitions()
	if err != nil {
		return err
	}
	if err := l.charset(); err != nil || !l.wanted(table) {
		return err
	}
	parts := make([]string, len(columns))
	for i := range columns {
		parts[i] = quote(columns[i]) + " " + types[i]
	}
	if l.columns[table] != nil || len(columns) == 0 { // in an earlier file of the same dump
		return nil
	}
	l.columns[table] = columns
	if key != "" {
		l.indexes = append(l.indexes, "CREATE INDEX "+quote(table+"_key")+" ON "+quote(table)+" ("+quote(key)+")")
	}
	_, err = l.exec(ctx, "CREATE TABLE "+quote(table)+" ("+strings.Join(parts, ", ")+")")
	return err
}

// definitions reads what is between the parentheses of CREATE TABLE: the columns with
// their types in SQLite, and the first column of the primary key.
func (l *loader) definitions() (columns, types []string, key string, err error) {
	for depth, first, inKey := 1, true, false; depth > 0; {
		t, err := l.next()
		if err != nil {
			return nil, nil, "", err
		}
		switch {
		case t.kind == end:
			return nil, nil, "", l.at(fmt.Errorf("%w, in a definition of a table", errCutOff))
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 1 && t.is(","):
			first, inKey = true, false
		case depth == 1 && first:
			first = false
			if t.kind == word && keywords[strings.ToUpper(string(t.text))] {
				inKey = t.is("PRIMARY")
				continue
			}
			column := string(t.text)
			if t, err = l.next(); err != nil {
				return nil, nil, "", err
			}
			columns, types = append(columns, strings.ToLower(column)), append(types, typeOf(string(t.text)))
		case depth == 2 && inKey && key == "" && (t.kind == name || t.kind == word):
			key = strings.ToLower(string(t.text))
		}
	}
	return columns, types, key, nil
}

// keywords begin definitions that are no columns.
var keywords = map[string]bool{"PRIMARY": true, "KEY": true, "UNIQUE": true, "INDEX": true, "FULLTEXT": true, "SPATIAL": true, "CONSTRAINT": true, "FOREIGN": true, "CHECK": true}

// typeOf returns the type in SQLite: numbers sort as numbers, texts stay as they are.
func typeOf(mysql string) string {
	mysql = strings.ToLower(mysql)
	for _, number := range []string{"int", "float", "double", "decimal", "numeric", "real", "bit", "year"} {
		if strings.Contains(mysql, number) {
			return "NUMERIC"
		}
	}
	return "TEXT"
}

// charset reads the options of a table, of which CHARSET is the encoding where SET NAMES
// says nothing about it.
func (l *loader) charset() error {
	for {
		t, err := l.next()
		if err != nil || t.is(";") {
			return err
		}
		if t.kind == end {
			return l.at(fmt.Errorf("%w, in a definition of a table", errCutOff))
		}
		if !t.is("CHARSET") && !t.is("SET") {
			continue
		}
		if t, err = l.next(); err == nil && t.is("=") {
			t, err = l.next()
		}
		if err != nil {
			return err
		}
		l.text.table = strings.ToLower(string(t.text))
		l.pairs = l.text.pairs()
	}
}
