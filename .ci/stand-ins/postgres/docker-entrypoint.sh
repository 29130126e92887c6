#!/bin/bash
# POSTGRES_USER, POSTGRES_DB and POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, as in the official image.
set -euo pipefail

if [[ ${1:-} == postgres && $(id -u) -eq 0 ]]; then
  chown postgres:postgres "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [[ ${1:-} == postgres && ! -s $PGDATA/PG_VERSION ]]; then
  user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
  password=${POSTGRES_PASSWORD:-$(cat "${POSTGRES_PASSWORD_FILE:-/dev/null}")}
  [[ -n $password ]] || { echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE must be given" >&2; exit 1; }
  initdb -D "$PGDATA" -U "$user" -E UTF8 --locale=C --pwfile=<(printf '%s\n' "$password") --auth-host=scram-sha-256 --auth-local=trust
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
  [[ $database == postgres ]] || createdb -U "$user" "$database"
  pg_ctl -D "$PGDATA" -w -m fast stop
fi
[[ ${1:-} != postgres ]] || set -- "$@" -c 'listen_addresses=*'
exec "$@"
