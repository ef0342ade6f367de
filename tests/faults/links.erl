-module(links).
-export([main/0]).

main() ->
    N = 1000000,
    Before = erlang:system_info(process_count),
    {P, R} = spawn_monitor(fun() -> [spawn_link(fun() -> receive never -> ok end end) || _ <- lists:seq(1, N)], receive die -> exit(boom) end end),
    wait(fun() -> erlang:system_info(process_count) > N end),
    io:format("all live~n"),
    P ! die,
    receive {'DOWN', R, _, _, Why} -> io:format("~p~n", [Why]) end,
    wait(fun() -> erlang:system_info(process_count) =:= Before end),
    io:format("all gone~n"),
    % one that is linked to all of them and survives
    process_flag(trap_exit, true),
    Pids = [spawn_link(fun() -> receive die -> exit(x) end end) || _ <- lists:seq(1, N div 2)],
    [Pid ! die || Pid <- Pids],
    [receive {'EXIT', Pid, x} -> ok end || Pid <- Pids],
    io:format("all exits received~n"),
    Q = spawn(fun() -> receive die -> ok end end),
    Refs = [monitor(process, Q) || _ <- lists:seq(1, N div 2)],
    Q ! die,
    [receive {'DOWN', M, process, Q, normal} -> ok end || M <- Refs],
    io:format("all downs received~n").

wait(F) ->
    case F() of true -> ok; false -> timer:sleep(50), wait(F) end.
