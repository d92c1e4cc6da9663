# Sourced by tools/check.sh: starts a throw-away PostgreSQL on a free port and stops it at the end.
# A deployer's own server is used instead when GOVDESK_TEST_POSTGRES is set.
if [ -z "${GOVDESK_TEST_POSTGRES:-}" ]; then
  pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  pg_dir=$(mktemp -d /tmp/govdesk-pg-XXXXXX)
  pg_port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  pg_as=()
  if [ "$(id -u)" = 0 ]; then  # initdb refuses root
    id postgres >/dev/null 2>&1 || useradd --system postgres
    chown postgres "$pg_dir"
    pg_as=(runuser -u postgres --)
  fi
  (cd / && "${pg_as[@]}" "$pg_bin/initdb" -D "$pg_dir/data" -U govdesk --auth=trust -E UTF8 --locale=C >/dev/null)
  (cd / && "${pg_as[@]}" "$pg_bin/pg_ctl" -D "$pg_dir/data" -s -w -l "$pg_dir/log" \
    -o "-p $pg_port -k $pg_dir -c listen_addresses=127.0.0.1 -c fsync=off" start)
  trap '(cd / && "${pg_as[@]}" "$pg_bin/pg_ctl" -D "$pg_dir/data" -s -m immediate stop); rm -rf "$pg_dir"' EXIT
  export GOVDESK_TEST_POSTGRES="postgresql://govdesk@127.0.0.1:$pg_port/postgres"
fi
