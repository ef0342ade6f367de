%% The order of all terms, and exact against arithmetic equality.
-module(term_order).
-export([main/0]).

main() ->
    Ts = [1, 1.0, 2, 1.5, 1 bsl 70, 1.0e30, a, b, 'A', {}, {a}, {a, b}, {b}, {1, 2}, [], [a], [a, b], [a | b], "text",
          #{}, #{a => 1}, #{b => 1}, #{a => 2}, #{1 => a, 2 => b}, #{1.0 => a}, <<>>, <<1>>, <<1, 2>>, <<1:1>>, <<2:2>>, <<"z">>,
          fun lists:map/2, fun erlang:abs/1, -1, -0.0, 0, 0.0, true, false, undefined],
    io:format("~p~n", [lists:sort(Ts)]),
    [io:format("~p ~p: ~p~n", [A, B, [A < B, A =< B, A == B, A =:= B, A /= B, A =/= B, A > B, A >= B]]) || A <- Ts, B <- Ts],
    io:format("~p~n", [[1 == 1.0, 1 =:= 1.0, {1} == {1.0}, #{1 => 1} == #{1.0 => 1}, #{a => 1} == #{a => 1.0}, [1] =:= [1.0]]]),
    io:format("~p~n", [[(1 bsl 53) == float(1 bsl 53), (1 bsl 53 + 1) == float(1 bsl 53), (1 bsl 53 + 1) > float(1 bsl 53)]]),
    io:format("~p ~p~n", [lists:max(Ts), lists:min(Ts)]).
