%% Monitors: by pid, by name, of the dead; demonitor with flush and info; aliases.
-module(monitors).
-export([main/0]).

main() ->
    {P, R} = spawn_monitor(fun() -> exit(because) end),
    io:format("~p~n", [receive {'DOWN', R, process, P, X} -> X end]),
    R2 = monitor(process, P),
    io:format("~p~n", [receive {'DOWN', R2, process, P, X2} -> X2 end]),
    R3 = monitor(process, nobody_here),
    io:format("~p~n", [receive {'DOWN', R3, process, N3, X3} -> {N3, X3} end]),
    S = spawn(fun() -> receive stop -> ok end end),
    register(subject, S),
    R4 = monitor(process, subject),
    R5 = monitor(process, S),
    io:format("~p~n", [demonitor(R5)]),
    S ! stop,
    io:format("~p~n", [receive {'DOWN', R4, process, {N4, Nd}, X4} -> {N4, Nd, X4} end]),
    io:format("~p~n", [receive {'DOWN', R5, _, _, _} -> bad after 50 -> none end]),
    {P6, R6} = spawn_monitor(fun() -> ok end),
    receive after 50 -> ok end,
    io:format("~p ~p~n", [is_process_alive(P6), demonitor(R6, [flush, info])]),
    io:format("~p~n", [receive {'DOWN', R6, _, _, _} -> bad after 0 -> flushed end]),
    io:format("~p~n", [demonitor(R6, [info])]),
    %% many monitors on one
    T = spawn(fun() -> receive go -> exit(many) end end),
    Refs = [monitor(process, T) || _ <- lists:seq(1, 100)],
    T ! go,
    io:format("~p~n", [lists:usort([receive {'DOWN', Rn, process, T, Xn} -> Xn end || Rn <- Refs])]),
    %% they come in the order in which the monitors were made
    U = spawn(fun() -> receive go -> ok end end),
    Made = [{monitor(process, U), N} || N <- lists:seq(1, 40)],
    U ! go,
    io:format("~p~n", [[receive {'DOWN', Rn, process, U, _} -> proplists:get_value(Rn, Made) end || _ <- Made]]),
    %% alias: replies stop once it is used up
    A = alias([reply]),
    A ! one, A ! two,
    io:format("~p~n", [receive M -> M end]),
    io:format("~p~n", [receive M2 -> M2 after 50 -> nothing end]),
    io:format("~p~n", [unalias(A)]),
    B = alias(),
    io:format("~p ~p~n", [begin B ! hi, receive hi -> got end end, unalias(B)]),
    B ! lost,
    io:format("~p~n", [receive lost -> bad after 50 -> nothing end]),
    io:format("~p~n", [try monitor(process, 17) catch C:E -> {C, E} end]).
