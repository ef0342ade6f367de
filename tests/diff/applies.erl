%% apply in all its forms, also of natives and with computed names.
-module(applies).
-export([main/0, f/0, f/1, f/3]).

main() ->
    io:format("~p~n", [[apply(?MODULE, f, A) || A <- [[], [1], [1, 2, 3]]]]),
    io:format("~p~n", [apply(fun(X, Y) -> {X, Y} end, [1, 2])]),
    io:format("~p~n", [apply(erlang, '+', [1, 2])]),
    io:format("~p~n", [apply(id(erlang), id(element), [2, {a, b, c}])]),
    io:format("~p~n", [apply(erlang, apply, [lists, reverse, [[1, 2, 3]]])]),
    [io:format("~p~n", [try apply(M, F, A) catch C:R -> {C, R} end])
     || {M, F, A} <- [{?MODULE, f, [1, 2]}, {"m", f, []}, {?MODULE, 5, []}, {?MODULE, f, bad}, {?MODULE, f, [1 | 2]}, {no_mod, f, []}]],
    io:format("~p~n", [try apply(id(f), [1]) catch C1:R1 -> {C1, R1} end]),
    io:format("~p~n", [try apply(fun(_) -> x end, [1, 2]) catch C2:{R2, {_, As}} -> {C2, R2, As} end]).

f() -> zero.
f(A) -> {one, A}.
f(A, B, C) -> {three, A, B, C}.
id(X) -> X.
