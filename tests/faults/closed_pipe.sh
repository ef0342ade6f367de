# who reads the output goes away: the emulator ends, with the status that erl has
# quick
erl -noshell -eval 'lists:foreach(fun(N) -> io:format("~b~n", [N]) end, lists:seq(1, 200000))' -s init stop | head -1
echo "status ${PIPESTATUS[0]}"
erl -noshell -eval 'lists:foreach(fun(N) -> io:format(standard_error, "~b~n", [N]) end, lists:seq(1, 2000)), io:format("done~n")' -s init stop 2>&1 >out | head -1
cat out
erl -noshell -eval 'io:format("~p~n", [catch io:get_line("")])' -s init stop <&-
echo "status $?"
erl -noshell -eval 'io:format("text~n"), timer:sleep(100)' -s init stop >&-
echo "status $?"
erl -noshell -eval 'P = open_port({spawn, "head -c 1"}, [exit_status]), process_flag(trap_exit, true), port_command(P, "abc"), timer:sleep(200), R = (catch [port_command(P, "abc") || _ <- [1,2,3]]), io:format("~p~n", [element(1, R)]), receive M -> io:format("~p~n", [element(1, M)]) after 1000 -> ok end' -s init stop
