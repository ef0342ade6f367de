# no space: files say enospc, delayed writes at the next call, output to a full device ends quietly
# quick
erl -noshell -kernel logger_level none -pa "$EBIN" -s full_disk main -s init stop
erl -noshell -eval 'io:format("text~n"), timer:sleep(100)' -s init stop > /dev/full
echo "status $?"
ulimit -f 8
erl -noshell -eval 'io:format("~p~n", [file:write_file("limited", binary:copy(<<"x">>, 100000))]), {ok, I} = file:read_file("limited"), io:format("~p~n", [byte_size(I)])' -s init stop
echo "status $?"
