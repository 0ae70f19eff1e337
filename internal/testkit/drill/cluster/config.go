package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// The configuration of each part. docs/scaling.md explains it, and says what an
// installation on several machines sets instead of the short times here. Patroni uses
// version 2 of etcd's protocol: with version 3, Patroni before 3.0.3 lets a primary that was
// frozen take the leader key from its successor (patroni/patroni#2689), and what the
// successor had acknowledged is lost.
var (
	patroniConfig = template.Must(template.New("patroni").Parse(`scope: drill
name: {{.Name}}
restapi: {listen: "{{.REST}}", connect_address: "{{.REST}}"}
etcd: {hosts: "{{.Etcd}}"}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    primary_start_timeout: 0
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {max_connections: 150, wal_keep_size: 256MB, max_wal_size: 512MB, shared_buffers: 64MB, wal_retrieve_retry_interval: 500ms, fsync: "{{.Fsync}}"}
  initdb: [{encoding: UTF8}, {locale: C}, data-checksums]
postgresql:
  listen: "{{.Address}}"
  connect_address: "{{.Address}}"
  data_dir: "{{.Data}}"
  bin_dir: "{{.Bin}}"
  pgpass: "{{.Data}}.pgpass"
  parameters: {unix_socket_directories: "{{.Dir}}"}
  pg_hba: [local all all trust, host all all 127.0.0.1/32 trust, host replication all 127.0.0.1/32 trust]
  authentication:
    superuser: {username: postgres}
    replication: {username: replicator}
    rewind: {username: postgres}
watchdog: {mode: "off"}
`))

	bouncerConfig = template.Must(template.New("pgbouncer").Parse(`[databases]
tonggao = host=127.0.0.1 port={{.Database}} dbname=tonggao
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {{.Bouncer}}
unix_socket_dir =
auth_type = trust
auth_file = {{.Dir}}/users.txt
pool_mode = transaction
max_client_conn = 200
default_pool_size = 40
server_login_retry = 0.3
server_connect_timeout = 3
server_check_delay = 1
query_wait_timeout = 5
tcp_keepidle = 5
tcp_keepintvl = 1
tcp_keepcnt = 3
tcp_user_timeout = 5000
`))

	haproxyConfig = template.Must(template.New("haproxy").Parse(`global
  maxconn 2000
defaults
  mode tcp
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout check 500ms
  default-server inter 250ms fall 2 rise 1 on-marked-down shutdown-sessions

listen postgres
  bind 127.0.0.1:{{.Database}}
  timeout client 1h
  timeout server 1h
  option httpchk OPTIONS /primary
  http-check expect status 200
{{- range .Nodes}}
  server {{.Name}} {{.Through}} check addr 127.0.0.1 port {{.RESTPort}}
{{- end}}

frontend http
  mode http
  bind 127.0.0.1:{{.Front}}
  option forwardfor
  use_backend any if { nbsrv(ready) eq 0 }
  default_backend ready

backend ready
  mode http
  balance source
  hash-type consistent
  option redispatch 1
  option httpchk GET /readyz
  http-check expect status 200
{{- range .Replicas}}
  server {{.Name}} {{.Address}} check
{{- end}}

backend any
  mode http
  balance source
{{- range .Replicas}}
  server {{.Name}} {{.Address}}
{{- end}}
`))
)

// write writes a configuration into the folder and returns its path.
func write(dir, name string, t *template.Template, values any) (string, error) {
	var text strings.Builder
	if err := t.Execute(&text, values); err != nil {
		return "", fmt.Errorf("fill in %s: %w", name, err)
	}
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, []byte(text.String()), 0o644)
}
