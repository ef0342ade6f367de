%% N numbers sorted three times: by lists:sort/1, by a quicksort with comprehensions, and by an insertion into
%% a balanced tree.
-module(sorts).
-export([run/1]).

run(N) ->
    List = numbers(N, 42, []),
    A = lists:sort(List),
    A = quick(List),
    Tree = lists:foldl(fun(X, T) -> gb_sets:add_element(X, T) end, gb_sets:empty(), List),
    weigh(A, 1, 0) + weigh(gb_sets:to_list(Tree), 1, 0).

numbers(0, _, List) -> List;
numbers(N, Seed, List) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    numbers(N - 1, Next, [Next bsr 8 | List]).

quick([Pivot | Rest]) ->
    quick([X || X <- Rest, X < Pivot]) ++ [Pivot | quick([X || X <- Rest, X >= Pivot])];
quick([]) ->
    [].

weigh([X | T], I, Sum) -> weigh(T, I + 1, (Sum + X * I) band 16#ffffffff);
weigh([], _, Sum) -> Sum.
