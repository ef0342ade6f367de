%% Protection, named tables, heirs, give_away, rename, and tables that end with their owner.
-module(ets_owner).
-export([main/0]).

main() ->
    Me = self(),
    named = ets:new(named, [named_table, protected]),
    ets:insert(named, {k, v}),
    io:format("~p~n", [other(fun() -> {ets:lookup(named, k), try ets:insert(named, {k, 2}) catch error:R -> R end} end)]),
    P = ets:new(p, [private]),
    io:format("~p~n", [other(fun() -> try ets:lookup(P, k) catch error:R -> R end end)]),
    Q = ets:new(q, [public]),
    io:format("~p ~p~n", [other(fun() -> ets:insert(Q, {from, other}) end), ets:tab2list(Q)]),
    io:format("~p~n", [[ets:info(named, I) || I <- [name, named_table, protection, size, type, keypos, heir]]]),
    io:format("~p ~p ~p~n", [ets:rename(named, other_name), ets:whereis(named), ets:lookup(other_name, k)]),
    io:format("~p~n", [try ets:new(other_name, [named_table]) catch error:R -> R end]),
    {H, M} = spawn_monitor(fun() -> T = ets:new(h, [{heir, Me, gift}, {keypos, 2}]), ets:insert(T, {v, k}) end),
    receive {'DOWN', M, process, H, _} -> ok end,
    receive {'ETS-TRANSFER', T2, H, gift} -> io:format("~p ~p~n", [ets:lookup(T2, k), ets:info(T2, owner) =:= Me]) end,
    R2 = spawn(fun() -> receive {'ETS-TRANSFER', T3, _, data} -> Me ! {owner_now, ets:info(T3, owner) =:= self()} end end),
    io:format("~p~n", [ets:give_away(Q, R2, data)]),
    io:format("~p~n", [receive {owner_now, B} -> B end]),
    receive after 50 -> ok end,
    io:format("~p~n", [ets:info(Q)]),
    io:format("~p~n", [[try ets:new(N, O) catch error:E -> E end || {N, O} <- [{1, []}, {a, [foo]}, {a, [{keypos, 0}]}, {a, b}]]]),
    io:format("~p~n", [try ets:insert(P, {}) catch error:E1 -> E1 end]),
    io:format("~p~n", [try ets:insert(P, [{a, 1}, b]) catch error:E2 -> E2 end]),
    io:format("~p~n", [ets:tab2list(P)]).

other(F) ->
    Me = self(),
    spawn(fun() -> Me ! {result, F()} end),
    receive {result, R} -> R end.
