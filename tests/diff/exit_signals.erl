%% exit/2: normal, kill and other reasons, to oneself and others, trapping or not.
-module(exit_signals).
-export([main/0]).

main() ->
    [io:format("~p ~p: ~p~n", [Trap, R, fate(Trap, R)]) || Trap <- [false, true], R <- [normal, kill, shutdown, other]],
    process_flag(trap_exit, true),
    exit(self(), normal),
    io:format("~p~n", [receive {'EXIT', _, R1} -> R1 after 100 -> none end]),
    io:format("~p~n", [self_exit(false, normal)]),
    io:format("~p~n", [self_exit(false, kill)]),
    io:format("~p~n", [self_exit(true, other)]),
    io:format("~p~n", [try exit(not_a_pid, x) catch C:R2 -> {C, R2} end]),
    P = spawn(fun() -> ok end),
    receive after 20 -> ok end,
    io:format("~p~n", [exit(P, late)]).

fate(Trap, Reason) ->
    Me = self(),
    {P, M} = spawn_monitor(fun() -> process_flag(trap_exit, Trap), Me ! ready, receive {'EXIT', Me, R} -> exit({got, R}) after 150 -> exit(survived) end end),
    receive ready -> ok end,
    exit(P, Reason),
    receive {'DOWN', M, process, P, End} -> End end.

self_exit(Trap, Reason) ->
    {P, M} = spawn_monitor(fun() -> process_flag(trap_exit, Trap), exit(self(), Reason), receive {'EXIT', _, R} -> exit({got, R}) after 50 -> exit(survived) end end),
    receive {'DOWN', M, process, P, End} -> End end.
