#!/bin/sh
# Installs what `make drill` starts, from Debian 12 or later, without starting it as services.
set -eu
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get update
apt-get install --yes --no-install-recommends etcd-server patroni python3-etcd pgbouncer haproxy postgresql postgresql-client
