%% Deep body recursion, long tail loops, big lists and trees survive collections.
-module(deep_recursion).
-export([main/0]).

main() ->
    io:format("~p~n", [count(1000000)]),
    io:format("~p~n", [loop(5000000, 0)]),
    L = build(300000),
    io:format("~p ~p~n", [length(L), erlang:phash2(L)]),
    T = tree(16),
    io:format("~p ~p~n", [sum(T), depth(T)]),
    io:format("~p~n", [even(100001)]),
    io:format("~p~n", [ackermann(2, 200)]),
    erlang:garbage_collect(),
    io:format("~p~n", [lists:sum([X || {X, _} <- L])]).

count(0) -> 0;
count(N) -> 1 + count(N - 1).
loop(0, Acc) -> Acc;
loop(N, Acc) -> loop(N - 1, Acc bxor N).
build(N) -> [{I, integer_to_list(I)} || I <- lists:seq(1, N)].
tree(0) -> leaf;
tree(N) -> {tree(N - 1), N, tree(N - 1)}.
sum(leaf) -> 0;
sum({L, N, R}) -> sum(L) + N + sum(R).
depth(leaf) -> 0;
depth({L, _, R}) -> 1 + max(depth(L), depth(R)).
even(0) -> true;
even(N) -> odd(N - 1).
odd(0) -> false;
odd(N) -> even(N - 1).
ackermann(0, N) -> N + 1;
ackermann(M, 0) -> ackermann(M - 1, 1);
ackermann(M, N) -> ackermann(M - 1, ackermann(M, N - 1)).
