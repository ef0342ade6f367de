%% init:stop with a status ends the system in order, and flushes what was written.
-module(exit_status).
-export([main/0]).

main() ->
    [io:format("line ~p~n", [N]) || N <- lists:seq(1, 2000)],
    init:stop(17),
    receive after infinity -> ok end.
