# $1 holds PostgreSQL's programs, $2 is an empty folder, $3 and $4 are free ports of this machine. Makes a
# primary and a standby that every commit waits for, says ready, and then does what it is told, a word a
# line: "kill" ends the primary as a power cut would, "promote" makes the standby the primary. Both go
# when the input ends. The disks are waited for: what is acknowledged is the question here.
log=$2/log
quit() {
	echo "$1 failed, see $log"
	exit 1
}
settings="listen_addresses=127.0.0.1 unix_socket_directories=$2 max_connections=200 shared_buffers=64MB wal_level=replica"
serve() { # folder port
	set -- "$1" "$2" $settings
	data=$1 port=$2
	shift 2
	for setting; do options="$options -c $setting"; done
	"$bin/postgres" -D "$data" -p "$port" $options >>"$log" 2>&1 </dev/null &
	options=
}
ready() {
	until "$bin/pg_isready" -q -h 127.0.0.1 -p "$2"; do
		kill -0 "$1" 2>/dev/null || quit "postgres"
		sleep 0.05
	done
}
sql() { "$bin/psql" -X -q -A -t -h 127.0.0.1 -p "$1" -U postgres -d postgres -c "$2" 2>>"$log"; }
bin=$1
"$bin/initdb" -D "$2/first" -U postgres -A trust -E UTF8 --locale=C --locale-provider=icu --icu-locale=en-US >"$log" 2>&1 || quit initdb
serve "$2/first" "$3"
first=$!
ready $first "$3"
"$bin/pg_basebackup" -h 127.0.0.1 -p "$3" -U postgres -D "$2/second" -R -c fast -X stream >>"$log" 2>&1 || quit pg_basebackup
serve "$2/second" "$4"
second=$!
ready $second "$4"
# Told to the primary alone and after the copy: the standby, when it is promoted, waits for nobody.
sql "$3" "ALTER SYSTEM SET synchronous_standby_names = '*'" && sql "$3" "SELECT pg_reload_conf()" >>"$log" || quit "ALTER SYSTEM"
until [ "$(sql "$3" "SELECT sync_state FROM pg_stat_replication")" = sync ]; do sleep 0.05; done
echo ready
while read -r word; do
	case $word in
	kill)
		all=$first # its children would live on for a moment, and finish a commit
		kill -STOP $first || quit kill
		for process in /proc/[0-9]*/stat; do
			read -r pid _ _ parent _ 2>/dev/null <"$process" && [ "$parent" = "$first" ] && all="$all $pid"
		done
		kill -KILL $all || quit kill
		first=
		;;
	promote)
		"$bin/pg_ctl" promote -D "$2/second" -w -t 30 >>"$log" 2>&1 || quit promote
		;;
	esac
	echo done
done
for server in $first $second; do kill -INT $server; done
wait
rm -rf "$2"
