%% Integer arithmetic across the border between small and big integers.
-module(arith_integers).
-export([main/0]).

main() ->
    Edges = [0, 1, -1, 7, -7, 1 bsl 59 - 1, 1 bsl 59, -(1 bsl 59), -(1 bsl 59) - 1,
             1 bsl 61 - 1, 1 bsl 61, -(1 bsl 61), -(1 bsl 61) - 1, 1 bsl 63, 1 bsl 64, -(1 bsl 64), 1 bsl 127],
    [io:format("~p~n", [{A, B, A + B, A - B, A * B}]) || A <- Edges, B <- Edges],
    [io:format("~p~n", [{A, B, A div B, A rem B}]) || A <- Edges, B <- Edges, B =/= 0],
    [io:format("~p~n", [{A, -A, abs(A), bnot A}]) || A <- Edges],
    [io:format("~p ~p~n", [A, catch_error(fun() -> A div zero() end)]) || A <- [1, 1 bsl 70]],
    io:format("~p~n", [catch_error(fun() -> list() + 1 end)]).

zero() -> list_to_integer("0").
list() -> lists:seq(1, 2).

catch_error(F) -> try F() catch C:R -> {C, R} end.
