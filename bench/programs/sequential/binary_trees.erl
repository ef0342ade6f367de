%% Many short-lived trees beside one that lives: building tuples, and the collector.
-module(binary_trees).
-export([run/1]).

run(N) ->
    Long = make(N),
    Sum = depths(4, N, 0),
    Sum + count(Long).

depths(Depth, Most, Sum) when Depth > Most ->
    Sum;
depths(Depth, Most, Sum) ->
    depths(Depth + 2, Most, Sum + trees(1 bsl (Most - Depth + 4), Depth, 0)).

trees(0, _, Sum) -> Sum;
trees(Left, Depth, Sum) -> trees(Left - 1, Depth, Sum + count(make(Depth))).

make(0) -> {nil, nil};
make(Depth) -> {make(Depth - 1), make(Depth - 1)}.

count({nil, nil}) -> 1;
count({Left, Right}) -> 1 + count(Left) + count(Right).
