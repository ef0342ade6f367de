%% update_counter, update_element and their errors.
-module(ets_counters).
-export([main/0]).

main() ->
    T = ets:new(t, [set]),
    ets:insert(T, {c, 0, 10, x}),
    io:format("~p~n", [[ets:update_counter(T, c, 5), ets:update_counter(T, c, {3, -3}), ets:update_counter(T, c, [{2, 1}, {3, 1}])]]),
    io:format("~p~n", [[ets:update_counter(T, c, {2, 10, 12, 0}), ets:update_counter(T, c, {2, -10, -5, 7})]]),
    io:format("~p~n", [ets:update_counter(T, c, {2, 1 bsl 70})]),
    io:format("~p~n", [ets:update_counter(T, new, {2, 3}, {new, 100, y})]),
    io:format("~p~n", [lists:sort(ets:tab2list(T))]),
    io:format("~p~n", [[ets:update_element(T, c, {4, "z"}), ets:update_element(T, c, [{2, a}, {3, b}]), ets:update_element(T, none, {2, 1})]]),
    io:format("~p~n", [ets:lookup(T, c)]),
    [io:format("~p~n", [try F() catch C:R -> {C, R} end]) || F <- [
        fun() -> ets:update_counter(T, c, 1) end, fun() -> ets:update_counter(T, none, 1) end, fun() -> ets:update_counter(T, c, {1, 1}) end,
        fun() -> ets:update_counter(T, new, {9, 1}) end, fun() -> ets:update_element(T, c, {1, k}) end, fun() -> ets:update_element(T, c, {7, k}) end,
        fun() -> ets:update_counter(T, new, {2, 1.5}) end]].
