#!/usr/bin/env bash
# Runs a command with DATABASE_URL set to a new, empty PostgreSQL that goes away with the command:
#   tests/with_postgres.sh pytest
# Takes the newest PostgreSQL of this machine. Ends with the command's code, or 69 when there is no PostgreSQL.
set -euo pipefail

[ $# -gt 0 ] || { echo "Gebruik: $0 opdracht [argument …]" >&2; exit 64; }

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort | tail -n 1)
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || echo /geen/initdb)")
[ -x "$bin/postgres" ] || { echo "PostgreSQL ontbreekt op deze machine (apt-get install postgresql)." >&2; exit 69; }

# PostgreSQL refuses to run as root.
as_server=()
if [ "$(id -u)" -eq 0 ]; then
    user=$(id -un postgres 2>/dev/null || echo nobody)
    as_server=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME=/)
fi

dir=$(mktemp -d /tmp/pg.XXXXXX)  # short: the path of a socket may have 107 bytes
stop() {
    code=$?
    trap - EXIT
    # A cluster that is going down may hold no test run up, and a failing stop may hide no result.
    [ ! -e "$dir/data/postmaster.pid" ] || server pg_ctl --pgdata="$dir/data" --mode=immediate --silent stop || true
    rm -rf "$dir"
    exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
server() { (cd / && "${as_server[@]}" "$bin/$1" "${@:2}"); }

[ ${#as_server[@]} -eq 0 ] || chown "$user" "$dir"
# C.UTF-8 sorts by code point, as SQLite does.
server initdb --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync --no-instructions >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }

# Someone else may take the free port just before us: try again.
for try in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    # Nothing here must survive a crash, so nothing waits for the disk. (On one line: pg_ctl hands it to a shell.)
    options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$dir -c max_connections=200"
    options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    server pg_ctl --pgdata="$dir/data" --log="$dir/data/server.log" --wait --silent start --options="$options" \
        >/dev/null 2>&1 && break
    [ "$try" -lt 5 ] || { cat "$dir/data/server.log" >&2; exit 1; }
done

# Not exec: the trap above has to run afterwards.
DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres" "$@"
