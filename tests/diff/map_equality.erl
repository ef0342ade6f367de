%% When maps are equal: their keys as =:= says, their values as the operator does.
-module(map_equality).
-export([main/0]).

main() ->
    Small = fun(K, V) -> maps:from_list([{k(K, N), k(V, N)} || N <- lists:seq(1, 5)]) end,
    Large = fun(K, V) -> maps:from_list([{k(K, N), k(V, N)} || N <- lists:seq(1, 50)]) end,
    [show(Name, Make) || {Name, Make} <- [{small, Small}, {large, Large}]],
    %% Within other terms.
    io:format("~p~n", [[{#{1 => a}} == {#{1.0 => a}}, [#{a => 1}] == [#{a => 1.0}], #{#{1 => a} => b} == #{#{1.0 => a} => b},
                        #{{1} => a} == #{{1.0} => a}, #{[1] => a} == #{[1.0] => a}]]).

show(Name, Make) ->
    Maps = [{K, V, Make(K, V)} || K <- [integer, float], V <- [integer, float]],
    [io:format("~p ~p: ~p~n", [Name, {K1, V1, K2, V2}, [A == B, A =:= B, A /= B, A =/= B, A < B, A > B, A =< B]])
     || {K1, V1, A} <- Maps, {K2, V2, B} <- Maps].

k(integer, N) -> N;
k(float, N) -> float(N).
