# signals: TERM stops in order, others as erl does; stopped and continued nothing is lost
# quick
for signal in TERM HUP USR2 QUIT USR1 ABRT; do
    erl -noshell -env ERL_CRASH_DUMP_SECONDS 0 -eval 'io:format("up~n"), timer:sleep(8000)' > out 2>/dev/null &
    pid=$!
    for i in $(seq 100); do grep -q up out && break; sleep 0.05; done
    kill -$signal $pid
    if [ $signal = HUP ] || [ $signal = USR2 ]; then sleep 0.3; kill -9 $pid; fi
    wait $pid 2>/dev/null
    echo "$signal $?"
done
erl -noshell -eval 'io:format("up~n"), L = [begin timer:sleep(1), N end || N <- lists:seq(1, 500)], io:format("~p~n", [length(L)])' -s init stop > out &
pid=$!
for i in $(seq 100); do grep -q up out && break; sleep 0.05; done
for i in 1 2 3 4 5; do kill -STOP $pid; sleep 0.1; kill -CONT $pid; sleep 0.02; done
wait $pid
echo "stopped $?"
cat out
