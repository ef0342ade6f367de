%% receive ... after: zero, finite, infinity, expressions, bad timeouts.
-module(receive_after).
-export([main/0]).

main() ->
    io:format("~p~n", [receive never -> x after 0 -> timeout end]),
    io:format("~p~n", [receive never -> x after 20 -> timeout end]),
    self() ! here,
    io:format("~p~n", [receive here -> got after 0 -> timeout end]),
    Me = self(),
    spawn(fun() -> receive after 30 -> Me ! late end end),
    io:format("~p~n", [receive late -> got after 5000 -> timeout end]),
    io:format("~p~n", [receive after id(5) -> slept end]),
    [io:format("~p~n", [try receive after id(T) -> slept end catch C:R -> {C, R} end]) || T <- [-1, a, 1.0, 1 bsl 32]],
    T0 = erlang:monotonic_time(millisecond),
    receive after 100 -> ok end,
    T1 = erlang:monotonic_time(millisecond),
    io:format("~p~n", [T1 - T0 >= 100]),
    spawn(fun() -> receive after infinity -> ok end end),
    io:format("done~n").

id(X) -> X.
