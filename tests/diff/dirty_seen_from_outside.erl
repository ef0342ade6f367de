%% What others see of a process while a dirty native runs, and how they suspend and end it.
-module(dirty_seen_from_outside).
-export([main/0]).

main() ->
    P = spawn(fun() -> erts_debug:dirty_io(wait, 1500) end),
    timer:sleep(200),
    T0 = erlang:monotonic_time(millisecond),
    io:format("~p~n", [process_info(P, [current_function, status])]),
    io:format("~p ~p~n", [erlang:monotonic_time(millisecond) - T0 < 900, process_info(P, status)]),
    true = erlang:suspend_process(P, [asynchronous]),
    io:format("~p~n", [process_info(P, [current_function, status, trap_exit, registered_name])]),
    timer:sleep(2000),
    io:format("~p~n", [process_info(P, status)]),
    erlang:resume_process(P),
    timer:sleep(200),
    io:format("~p~n", [process_info(P, status)]),
    killed().

killed() ->
    {P, M} = spawn_monitor(fun() -> erts_debug:dirty_io(wait, 1500) end),
    timer:sleep(200),
    true = group_leader(whereis(init), P),
    io:format("~p~n", [process_info(P, group_leader) =:= {group_leader, whereis(init)}]),
    T0 = erlang:monotonic_time(millisecond),
    exit(P, kill),
    receive {'DOWN', M, process, P, Reason} -> io:format("~p~n", [Reason]) end,
    io:format("~p ~p~n", [is_process_alive(P), erlang:monotonic_time(millisecond) - T0 < 900]).
