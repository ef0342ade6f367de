%% Links: exits travel, normal does not, trap_exit turns them into messages.
-module(links).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Reasons = [normal, kill, killed, shutdown, {shutdown, x}, oops, {bad, [1, 2]}],
    [io:format("~p -> ~p~n", [R, exit_of(fun() -> exit(R) end)]) || R <- Reasons],
    io:format("~p~n", [exit_of(fun() -> ok end)]),
    io:format("~p~n", [exit_of(fun() -> throw(ball) end, fun({{nocatch, B}, _}) -> {nocatch, B} end)]),
    io:format("~p~n", [exit_of(fun() -> error(bang) end, fun({B, [_ | _]}) -> B end)]),
    %% a chain: the end of one ends them all, up to the one that traps
    P = spawn_link(fun() -> chain(10) end),
    P ! go,
    io:format("~p~n", [receive {'EXIT', P, R1} -> R1 end]),
    %% unlink
    Q = spawn_link(fun() -> receive stop -> exit(unheard) end end),
    unlink(Q),
    M = monitor(process, Q),
    Q ! stop,
    io:format("~p~n", [receive {'DOWN', M, process, Q, R2} -> R2 end]),
    io:format("~p~n", [receive {'EXIT', Q, R3} -> R3 after 50 -> none end]),
    %% linking to the dead
    link(Q),
    io:format("~p~n", [receive {'EXIT', Q, R4} -> R4 end]),
    process_flag(trap_exit, false),
    io:format("~p~n", [try link(Q), receive after 100 -> alive end catch C:R5 -> {C, R5} end]),
    io:format("~p~n", [process_info(self(), links) =/= undefined]).

exit_of(F) -> exit_of(F, fun(R) -> R end).
exit_of(F, View) ->
    P = spawn_link(fun() -> logger:set_primary_config(level, none), F() end),
    receive {'EXIT', P, R} -> View(R) end.

chain(0) -> receive after infinity -> ok end;
chain(N) ->
    P = spawn_link(fun() -> chain(N - 1) end),
    receive go when N =:= 5 -> exit(snap); go -> P ! go, receive after infinity -> ok end end.
