# kill -9 during Mnesia transactions: what was committed and synced is there when it starts again
erl -noshell -pa "$EBIN" -mnesia dir '"db"' -s kill_mnesia create -s init stop
for round in 1 2; do
    erl -noshell -pa "$EBIN" -mnesia dir '"db"' -s kill_mnesia write > written &
    pid=$!
    sleep 5
    kill -9 $pid
    wait $pid 2>/dev/null
    erl -noshell -pa "$EBIN" -mnesia dir '"db"' -s kill_mnesia check -s init stop
done
