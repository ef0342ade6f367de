%% Sum of a list of 1000 small integers by tail recursion, N times.
-module(list_sum).
-export([run/1]).

run(N) -> repeat(N, lists:seq(1, 1000), 0).

repeat(0, _, Sum) -> Sum;
repeat(N, List, Sum) -> repeat(N - 1, List, Sum + sum(List, 0)).

sum([H | T], Sum) -> sum(T, Sum + H);
sum([], Sum) -> Sum.
