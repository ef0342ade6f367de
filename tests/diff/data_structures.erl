%% dict, sets, ordsets, gb_trees, gb_sets, queue, array, digraph, proplists, sofs.
-module(data_structures).
-export([main/0]).

main() ->
    D = lists:foldl(fun(N, A) -> dict:append(N rem 5, N, A) end, dict:new(), lists:seq(1, 50)),
    io:format("~p~n", [lists:sort(dict:to_list(dict:filter(fun(K, _) -> K > 2 end, D)))]),
    S = sets:from_list([1, 2, 3, a, "b", 2.0]), S2 = sets:from_list([2, a, z], [{version, 2}]),
    io:format("~p~n", [[lists:sort(sets:to_list(sets:intersection(S, S2))), sets:is_element("b", S), sets:size(sets:union(S, S2))]]),
    io:format("~p~n", [[ordsets:union([1, 3], [2, 3]), ordsets:subtract([1, 2, 3], [2])]]),
    G = lists:foldl(fun(N, A) -> gb_trees:enter(N * 37 rem 101, N, A) end, gb_trees:empty(), lists:seq(1, 100)),
    io:format("~p~n", [[gb_trees:smallest(G), gb_trees:largest(G), gb_trees:lookup(50, G), gb_trees:size(gb_trees:delete(50, G)), length(gb_trees:to_list(G))]]),
    io:format("~p~n", [gb_sets:to_list(gb_sets:from_list([c, a, b, a]))]),
    Q = queue:in(3, queue:in_r(1, queue:in(2, queue:new()))),
    io:format("~p~n", [[queue:to_list(Q), queue:out(Q), queue:peek_r(Q), queue:len(Q)]]),
    A = array:set(1000, x, array:from_list([a, b, c])),
    io:format("~p~n", [[array:size(A), array:get(1, A), array:get(500, A), array:sparse_to_list(A)]]),
    DG = digraph:new([acyclic]),
    [digraph:add_vertex(DG, V) || V <- [a, b, c, d]],
    [digraph:add_edge(DG, X, Y) || {X, Y} <- [{a, b}, {b, c}, {a, d}]],
    io:format("~p~n", [[digraph:get_path(DG, a, c), digraph_utils:topsort(DG) =/= false, lists:sort(digraph:out_neighbours(DG, a)), element(1, digraph:add_edge(DG, c, a))]]),
    io:format("~p~n", [[proplists:get_value(k, [{k, 1}, k]), proplists:get_bool(f, [f]), proplists:to_map([a, {b, 2}])]]),
    io:format("~p~n", [sofs:to_external(sofs:relation_to_family(sofs:relation([{1, a}, {2, b}, {1, c}])))]),
    io:format("~p~n", [orddict:update_counter(x, 3, [{w, 1}])]).
