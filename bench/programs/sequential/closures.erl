%% Folds, maps and compositions over a list of 100, N times: funs made, passed and called.
-module(closures).
-export([run/1]).

run(N) -> repeat(N, lists:seq(1, 100), 0).

repeat(0, _, Sum) -> Sum;
repeat(N, List, Sum) ->
    Add = fun(X) -> X + N end,
    Twice = compose(Add, fun(X) -> X * 2 end),
    Kept = lists:filter(fun(X) -> X band 1 =:= N band 1 end, lists:map(Twice, List)),
    Total = lists:foldl(fun(X, T) -> T + X end, 0, Kept ++ lists:map(fun erlang:abs/1, List)),
    repeat(N - 1, List, (Sum + Total) band 16#ffffffff).

compose(F, G) -> fun(X) -> G(F(X)) end.
