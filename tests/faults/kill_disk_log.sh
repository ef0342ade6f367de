# kill -9 while disk_log writes: what was synced is there after the repair
# quick
erl -noshell -pa "$EBIN" -s kill_disk_log write > written &
pid=$!
sleep 3
kill -9 $pid
wait $pid 2>/dev/null
erl -noshell -pa "$EBIN" -s kill_disk_log check -s init stop
