%% ETS: the four kinds, their answers to insert, lookup, delete, and key equality.
-module(ets_kinds).
-export([main/0]).

main() -> [kind(K) || K <- [set, ordered_set, bag, duplicate_bag]].

kind(K) ->
    io:format("== ~p~n", [K]),
    T = ets:new(t, [K]),
    Rows = [{1, a}, {2, b}, {1, c}, {1.0, d}, {1, a}, {{x}, "y"}, {<<"bin">>, #{m => 1}}],
    io:format("~p~n", [[ets:insert(T, R) || R <- Rows]]),
    io:format("~p~n", [lists:sort(ets:tab2list(T))]),
    io:format("~p~n", [[ets:lookup(T, Key) || Key <- [1, 1.0, 2, {x}, <<"bin">>, none]]]),
    io:format("~p~n", [{ets:member(T, 2), ets:member(T, 3), ets:info(T, size), ets:info(T, type)}]),
    io:format("~p~n", [{ets:insert_new(T, {2, z}), ets:insert_new(T, {9, z}), ets:insert_new(T, [{10, a}, {9, b}]), ets:member(T, 10)}]),
    io:format("~p~n", [{ets:delete_object(T, {1, a}), ets:lookup(T, 1), ets:delete(T, 1), ets:lookup(T, 1)}]),
    io:format("~p~n", [{ets:take(T, 9), ets:take(T, 9)}]),
    io:format("~p~n", [[try ets:lookup_element(T, Key, 2) catch error:R -> R end || Key <- [2, nokey]]]),
    io:format("~p~n", [{ets:delete_all_objects(T), ets:tab2list(T), ets:delete(T)}]),
    io:format("~p~n", [try ets:lookup(T, 1) catch error:R -> R end]),
    ok.
