-module(deep_terms).
-export([main/0]).

main() ->
    N = 1000000,
    Makers = [
        {heads, fun(T) -> [T] end}, {tuples, fun(T) -> {T, x} end}, {maps, fun(T) -> #{k => T} end}, {keys, fun(T) -> #{T => 1} end},
        {improper, fun(T) -> [a | {T}] end}, {funs, fun(T) -> fun() -> T end end}],
    [run(Name, Make, if Name =:= keys -> 2000; true -> N end) || {Name, Make} <- Makers].

run(Name, Make, N) ->
    T = nest(Make, N, []),
    U = nest(Make, N, []),
    Same = Name =/= funs,
    io:format("~p: equal ~p ~p~n", [Name, (T == U) orelse not Same, (T =< U) orelse not Same]),
    if Same ->
        io:format("hash ~p ~p~n", [erlang:phash2(T), erlang:phash2(T) =:= erlang:phash2(U)]),
        io:format("encoded ~p~n", [(catch byte_size(term_to_binary(T)))]),
        io:format("again ~p~n", [(catch binary_to_term(term_to_binary(T)) =:= T)]),
        io:format("external size ~p~n", [erlang:external_size(T)]);
    true -> ok end,
    io:format("flat ~p~n", [erts_debug:flat_size(T) > N]),
    Self = self(),
    P = spawn(fun() -> receive {X, R} -> R ! {self(), (X =:= T) orelse not Same} end end),
    P ! {T, Self},
    receive {P, Back} -> io:format("sent ~p~n", [Back]) end,
    E = ets:new(e, [ordered_set]),
    ets:insert(E, {T, 1}),
    io:format("ets ~p~n", [if Same -> ets:lookup(E, U) =:= [{T, 1}]; true -> ets:info(E, size) =:= 1 end]),
    ets:delete(E),
    H = ets:new(h, [compressed]),
    ets:insert(H, {1, T}),
    io:format("compressed ~p~n", [[{1, T}] =:= ets:lookup(H, 1) orelse not Same]),
    persistent_term:put(deep, T),
    io:format("persistent ~p~n", [persistent_term:get(deep) =:= T orelse not Same]),
    persistent_term:erase(deep),
    erlang:garbage_collect(),
    io:format("~P~n", [if Same -> T; true -> x end, 5]),
    (catch exit(T)),
    {_, M} = spawn_monitor(fun() -> exit(T) end),
    receive {'DOWN', M, _, _, Why} -> io:format("reason ~p~n", [(Why =:= T) orelse not Same]) end,
    io:format("iolist ~p~n", [try iolist_size(T) catch error:R1 -> R1 end]).

nest(_, 0, T) -> T;
nest(Make, N, T) -> nest(Make, N - 1, Make(T)).
