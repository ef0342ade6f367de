%% Maps of up to 32 keys: syntax, patterns, updates, errors.
-module(maps_small).
-export([main/0]).

main() ->
    M = #{a => 1, "b" => 2, 3 => c, 3.0 => d, {t} => #{in => 1}},
    io:format("~p~n", [M]),
    #{a := A, {t} := #{in := I}} = M,
    io:format("~p~n", [{A, I, map_size(M), maps:keys(M), maps:values(M)}]),
    io:format("~p~n", [M#{a := 2, new => 1, 3 => z}]),
    io:format("~p~n", [try (id(M))#{absent := 1} catch C:R -> {C, R} end]),
    io:format("~p~n", [try (id(x))#{absent => 1} catch C1:R1 -> {C1, R1} end]),
    io:format("~p~n", [try maps:get(nope, M) catch C2:R2 -> {C2, R2} end]),
    io:format("~p~n", [[f(X) || X <- [#{}, #{k => 1}, #{k => 2, l => 3}, #{l => 1}, []]]]),
    io:format("~p~n", [maps:merge(#{a => 1, b => 2}, #{b => 3, c => 4})]),
    io:format("~p~n", [maps:fold(fun(K, V, Acc) -> [{K, V} | Acc] end, [], #{x => 1, y => 2, z => 3})]),
    io:format("~p~n", [{maps:find(a, M), maps:find(q, M), maps:remove(a, M), maps:take("b", M), maps:take(q, M)}]),
    io:format("~p~n", [maps:update_with(a, fun(V) -> V + 10 end, M)]),
    io:format("~p~n", [{maps:with([a, 3], M), maps:without([a, 3], M), maps:from_list([{1, a}, {1, b}]), maps:from_keys([x, y], 0)}]),
    io:format("~p~n", [{maps:filter(fun(_, V) -> is_integer(V) end, M), maps:map(fun(_, V) -> {V} end, M)}]),
    io:format("~p~n", [maps:groups_from_list(fun(X) -> X rem 3 end, [1, 2, 3, 4, 5, 6])]).

f(#{k := V, l := W}) -> {V, W};
f(#{k := V}) -> V;
f(#{}) -> map;
f(_) -> no_map.

id(X) -> X.
