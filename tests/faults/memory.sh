# the whole node under a limit of memory: it ends as erl does, with a message and no hang
# differs
erl -noshell -env ERL_CRASH_DUMP_SECONDS 0 -eval 'io:format("up~n")' -s init stop
ulimit -v 24000000
erl -noshell -env ERL_CRASH_DUMP_SECONDS 0 -eval 'F = fun(F, L) -> F(F, [lists:seq(1, 100000) | L]) end, F(F, [])' > out 2>&1
echo "status $?"
grep -o "eheap_alloc: Cannot\|memory" out | head -1
erl -noshell -env ERL_CRASH_DUMP_SECONDS 0 -eval 'F = fun(F, L) -> F(F, [binary:copy(<<1>>, 10000000) | L]) end, F(F, [])' > out 2>&1
echo "status $?"
grep -o "Cannot allocate\|memory" out | head -1
erl -noshell -eval 'io:format("~p~n", [try binary:copy(<<1>>, 1 bsl 40) catch C:R -> {C, R} end])' -s init stop
echo "status $?"
