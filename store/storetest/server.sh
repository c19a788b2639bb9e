# $1 holds PostgreSQL's programs, $2 is an empty folder. Nothing here is worth a disk's wait: the data
# lives as long as the tests. The log stays in the folder when the start fails. The databases sort by
# a language's rules, so that a text column without COLLATE "C" shows in a test.
log=$2/log
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C \
	--locale-provider=icu --icu-locale=en-US --no-sync >"$log" 2>&1 || {
	echo "initdb failed, see $log"
	exit 1
}
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=400 -c shared_buffers=64MB \
	-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
	-c autovacuum=off >>"$log" 2>&1 </dev/null &
server=$!
until "$1/pg_isready" -q -h "$2"; do
	kill -0 $server 2>/dev/null || {
		echo "postgres failed, see $log"
		exit 1
	}
	sleep 0.05
done
echo ready
read -r _
kill -INT $server
wait $server
rm -rf "$2"
