package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
)

// PasswordVariable names the environment variable with the password of a server.
const PasswordVariable = "TONGGAO_MYSQL_PASSWORD"

// IsAddress reports whether the name of a source is the address of a server.
func IsAddress(name string) bool { return strings.HasPrefix(name, "mysql://") }

// Connect returns the tables of a server, by an address such as
// mysql://reader@localhost:3306/destoon, or mysql://reader@localhost/destoon?socket=/run/mysqld/mysqld.sock.
// Encoding is that of the texts where the server does not know it, or "".
func Connect(ctx context.Context, address, encoding string) (*Tables, error) {
	config, err := configOf(address, encoding)
	if err != nil {
		return nil, err
	}
	connector, err := driver.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	t := &Tables{db: sql.OpenDB(connector), names: map[string]bool{}, text: &decoder{forced: encoding}}
	t.db.SetMaxOpenConns(1)
	rows, err := t.query(ctx, "SHOW TABLES")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect to the server: %w", err), t.db.Close())
	}
	for _, row := range rows {
		for _, table := range row {
			t.names[table] = true
		}
	}
	return t, nil
}

// configOf returns the configuration of the driver. If the encoding is named, the server sends its
// bytes as they are.
func configOf(address, encoding string) (*driver.Config, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return nil, errors.New("the address of a server looks like mysql://USER@HOST:3306/DATABASE")
	}
	config := driver.NewConfig()
	config.User, config.Passwd = u.User.Username(), os.Getenv(PasswordVariable)
	if password, ok := u.User.Password(); ok {
		config.Passwd = password
	}
	config.Net, config.Addr, config.DBName = "tcp", u.Host, strings.Trim(u.Path, "/")
	if u.Port() == "" {
		config.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	if socket := u.Query().Get("socket"); socket != "" {
		config.Net, config.Addr = "unix", socket
	}
	config.Timeout, config.InterpolateParams = 10*time.Second, true
	charset := "charset=utf8mb4,utf8"
	if encoding != "" {
		charset = "charset=binary"
	}
	dsn := config.FormatDSN()
	if strings.Contains(dsn, "?") {
		return driver.ParseDSN(dsn + "&" + charset)
	}
	return driver.ParseDSN(dsn + "?" + charset)
}
