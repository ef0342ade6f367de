%% Registered names: register, whereis, send by name, errors, release on exit.
-module(names).
-export([main/0]).

main() ->
    true = register(me, self()),
    me ! hello,
    {me, node()} ! again,
    io:format("~p~n", [[receive M -> M end || _ <- [1, 2]]]),
    io:format("~p ~p~n", [whereis(me) =:= self(), whereis(nobody)]),
    io:format("~p~n", [process_info(self(), registered_name)]),
    P = spawn(fun() -> receive stop -> ok end end),
    Tries = [fun() -> register(me, P) end, fun() -> register(other, self()) end, fun() -> register(undefined, P) end,
             fun() -> register("x", P) end, fun() -> unregister(nobody) end, fun() -> nobody ! x end,
             fun() -> register(ok_name, P) end, fun() -> register(second, P) end],
    [io:format("~p~n", [try F() catch C:R -> {C, R} end]) || F <- Tries],
    io:format("~p~n", [[lists:member(N, registered()) || N <- [me, ok_name, nobody]]]),
    M2 = monitor(process, ok_name),
    ok_name ! stop,
    receive {'DOWN', M2, process, _, _} -> ok end,
    io:format("~p~n", [whereis(ok_name)]),
    unregister(me),
    io:format("~p~n", [whereis(me)]),
    io:format("~p~n", [try erlang:send(me, x) catch C1:R1 -> {C1, R1} end]),
    io:format("~p~n", [erlang:send({me, node()}, x)]).
