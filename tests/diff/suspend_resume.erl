%% suspend_process and resume_process; system tasks on a busy process.
-module(suspend_resume).
-export([main/0]).

main() ->
    Me = self(),
    P = spawn(fun Loop() -> receive {ping, F} -> F ! pong, Loop() end end),
    io:format("~p~n", [erlang:suspend_process(P)]),
    P ! {ping, Me},
    io:format("~p ~p~n", [receive pong -> pong after 50 -> silent end, process_info(P, status)]),
    io:format("~p~n", [erlang:suspend_process(P, [unless_suspending])]),
    io:format("~p~n", [erlang:resume_process(P)]),
    io:format("~p~n", [receive pong -> pong after 1000 -> silent end]),
    io:format("~p~n", [try erlang:resume_process(P) catch C:R -> {C, R} end]),
    io:format("~p~n", [try erlang:suspend_process(self()) catch C1:R1 -> {C1, R1} end]),
    Busy = spawn(fun() -> spin(0) end),
    io:format("~p~n", [[erlang:garbage_collect(Busy), erlang:check_process_code(Busy, lists), is_process_alive(Busy)]]),
    exit(Busy, kill),
    io:format("~p~n", [is_process_alive(Busy)]),
    {_, M} = spawn_monitor(fun() -> erlang:suspend_process(P), ok end),
    receive {'DOWN', M, _, _, _} -> ok end,
    P ! {ping, Me},
    io:format("~p~n", [receive pong -> resumed_when_the_suspender_died after 1000 -> silent end]).

spin(N) -> spin(N + 1).
