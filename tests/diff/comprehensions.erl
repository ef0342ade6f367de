%% List comprehensions: several generators, filters, bad generators.
-module(comprehensions).
-export([main/0]).

main() ->
    io:format("~p~n", [[{X, Y} || X <- [1, 2, 3], Y <- [a, b], X =/= 2]]),
    io:format("~p~n", [[X || {ok, X} <- [{ok, 1}, error, {ok, 2}, {no, 3}]]]),
    io:format("~p~n", [[X || X <- lists:seq(1, 50), is_prime(X)]]),
    io:format("~p~n", [[{A, B, C} || A <- lists:seq(1, 20), B <- lists:seq(A, 20), C <- lists:seq(B, 29), A * A + B * B =:= C * C]]),
    io:format("~p~n", [perms([1, 2, 3, 4])]),
    io:format("~p~n", [[[X * Y || Y <- lists:seq(1, 5)] || X <- lists:seq(1, 5)]]),
    io:format("~p~n", [queens(6)]),
    io:format("~p~n", [try [X || X <- id(not_a_list)] catch C:R -> {C, R} end]),
    io:format("~p~n", [try [X || X <- [1 | id(2)]] catch C1:R1 -> {C1, R1} end]),
    io:format("~p~n", [try [X || X <- [1, 2], id(maybe)] catch C2:R2 -> {C2, R2} end]).

is_prime(1) -> false;
is_prime(N) -> [D || D <- lists:seq(2, trunc(math:sqrt(N))), N rem D =:= 0] =:= [].

perms([]) -> [[]];
perms(L) -> [[H | T] || H <- L, T <- perms(L -- [H])].

queens(N) -> queens(N, N).
queens(_, 0) -> [[]];
queens(N, K) -> [[Q | Qs] || Qs <- queens(N, K - 1), Q <- lists:seq(1, N), safe(Q, Qs, 1)].
safe(_, [], _) -> true;
safe(Q, [R | Rs], D) -> Q =/= R andalso abs(Q - R) =/= D andalso safe(Q, Rs, D + 1).
id(X) -> X.
