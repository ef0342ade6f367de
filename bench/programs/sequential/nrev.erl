%% Naive reverse of a list of 30 elements, N times: calls, building and taking apart cells.
-module(nrev).
-export([run/1]).

run(N) -> repeat(N, lists:seq(1, 30), 0).

repeat(0, _, Sum) -> Sum;
repeat(N, List, Sum) -> repeat(N - 1, List, Sum + hd(reverse(List))).

reverse([H | T]) -> append(reverse(T), [H]);
reverse([]) -> [].

append([H | T], L) -> [H | append(T, L)];
append([], L) -> L.
