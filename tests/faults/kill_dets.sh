# kill -9 while dets writes: what was synced is there after the repair
# quick
erl -noshell -pa "$EBIN" -s kill_dets write > written &
pid=$!
sleep 3
kill -9 $pid
wait $pid 2>/dev/null
erl -noshell -pa "$EBIN" -s kill_dets check -s init stop
