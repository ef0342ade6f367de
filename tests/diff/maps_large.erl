%% Maps above 32 keys: building, updating, removing, iterating in key order, comparing.
-module(maps_large).
-export([main/0]).

main() ->
    M = maps:from_list([{K, K * K} || K <- lists:seq(1, 1000)]),
    io:format("~p ~p ~p~n", [map_size(M), maps:get(777, M), maps:find(1001, M)]),
    M2 = lists:foldl(fun(K, Acc) -> maps:remove(K, Acc) end, M, lists:seq(1, 1000, 2)),
    io:format("~p ~p~n", [map_size(M2), lists:sum(maps:values(M2))]),
    M3 = lists:foldl(fun(K, Acc) -> Acc#{K => K * K} end, M2, lists:seq(999, 1, -2)),
    io:format("~p ~p ~p~n", [M3 =:= M, M3 == M2, M < M2]),
    io:format("~p~n", [lists:sort(maps:keys(M)) =:= lists:seq(1, 1000)]),
    Shrunk = lists:foldl(fun maps:remove/2, M, lists:seq(11, 1000)),
    io:format("~p~n", [Shrunk]),
    Mixed = maps:from_list([{{k, K}, K} || K <- lists:seq(1, 50)] ++ [{<<K>>, K} || K <- lists:seq(1, 50)]
                           ++ [{float(K), K} || K <- lists:seq(1, 50)] ++ [{K, K} || K <- lists:seq(1, 50)]),
    io:format("~p ~p ~p~n", [map_size(Mixed), maps:get({k, 17}, Mixed), maps:get(17.0, Mixed)]),
    #{<<9>> := Nine, 9 := AlsoNine} = Mixed,
    io:format("~p~n", [{Nine, AlsoNine}]),
    It = fun Loop(I, S) -> case maps:next(I) of none -> S; {_, V, I2} -> Loop(I2, S + V) end end,
    io:format("~p~n", [It(maps:iterator(Mixed), 0)]),
    io:format("~p~n", [map_size(maps:merge(M, Mixed))]),
    io:format("~p~n", [erlang:phash2(M)]),
    io:format("~p~n", [try maps:get(nokey, M) catch error:R -> R end]).
