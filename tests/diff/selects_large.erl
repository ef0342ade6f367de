%% case over many values: dense and sparse integers, atoms, tuples, strings, binaries.
-module(selects_large).
-export([main/0]).

main() ->
    io:format("~p~n", [[dense(N) || N <- lists:seq(-1, 12)]]),
    io:format("~p~n", [[sparse(N) || N <- [0, 1, 10, 100, 1000, 1 bsl 40, 1 bsl 70, -5, 7, a, 10.0]]]),
    io:format("~p~n", [[atoms(A) || A <- [alpha, beta, gamma, delta, epsilon, zeta, eta, none, 1]]]),
    io:format("~p~n", [[tuples(T) || T <- [{}, {1}, {1, 2}, {a, 2}, {a, b, c}, {a, b, c, d}, x]]]),
    io:format("~p~n", [[strings(S) || S <- ["get", "put", "gets", "", "post"]]]),
    io:format("~p~n", [[bins(B) || B <- [<<"GET /">>, <<"POST /x">>, <<"G">>, <<>>, <<"HEAD">>]]]),
    io:format("~p~n", [[floats(F) || F <- [1.0, 2.5, 0.0, -0.0, 1]]]).

dense(0) -> z; dense(1) -> a; dense(2) -> b; dense(3) -> c; dense(4) -> d; dense(5) -> e; dense(6) -> f; dense(7) -> g; dense(8) -> h; dense(9) -> i; dense(10) -> j; dense(_) -> other.
sparse(1) -> one; sparse(10) -> ten; sparse(100) -> hundred; sparse(1000) -> thousand; sparse(1099511627776) -> two40; sparse(1180591620717411303424) -> two70; sparse(-5) -> minus; sparse(_) -> other.
atoms(alpha) -> 1; atoms(beta) -> 2; atoms(gamma) -> 3; atoms(delta) -> 4; atoms(epsilon) -> 5; atoms(zeta) -> 6; atoms(eta) -> 7; atoms(_) -> 0.
tuples({}) -> zero; tuples({1}) -> one; tuples({1, X}) -> {two, X}; tuples({a, X}) -> {a, X}; tuples({a, _, X}) -> {three, X}; tuples({_, _, _, X}) -> {four, X}; tuples(_) -> none.
strings("get") -> get; strings("put") -> put; strings("post") -> post; strings([]) -> empty; strings(_) -> other.
bins(<<"GET ", R/binary>>) -> {get, R}; bins(<<"POST ", R/binary>>) -> {post, R}; bins(<<"G">>) -> g; bins(<<>>) -> empty; bins(_) -> other.
floats(1.0) -> one; floats(2.5) -> two_and_a_half; floats(0.0) -> zero; floats(_) -> other.
