%% What external_size/1 says of funs: more than they take.
-module(external_size).
-export([main/0]).

main() ->
    X = id(5),
    Funs = [fun(Y) -> Y end, fun(Y) -> X + Y end, fun() -> {X, X} end, fun lists:map/2],
    io:format("~w~n", [[{erlang:external_size(F), byte_size(term_to_binary(F))} || F <- Funs]]),
    io:format("~w~n", [[erlang:external_size({F, F}, [{minor_version, V}]) || F <- Funs, V <- [0, 1]]]),
    io:format("~w~n", [[erlang:external_size(T) || T <- [a, 1, 300, 1.5, "abc", <<1:3>>, #{a => 1}, binary:copy(<<1>>, 100), 1 bsl 70]]]).

id(X) -> X.
