%% Walking a table that changes: safe_fixtable keeps first/next and continuations whole.
-module(ets_fixation).
-export([main/0]).

main() ->
    T = ets:new(t, [set, public]),
    ets:insert(T, [{N, N} || N <- lists:seq(1, 1000)]),
    ets:safe_fixtable(T, true),
    io:format("~p~n", [walk(T, ets:first(T), 0)]),
    io:format("~p~n", [ets:info(T, size)]),
    ets:safe_fixtable(T, false),
    io:format("~p~n", [ets:first(T)]),
    ets:insert(T, [{N, N} || N <- lists:seq(1, 1000)]),
    io:format("~p~n", [length(pages(ets:select(T, [{{'$1', '_'}, [], ['$1']}], 37)))]),
    ets:safe_fixtable(T, true),
    {L, C} = ets:match(T, {'$1', '_'}, 100),
    [ets:delete(T, K) || [K] <- L],
    io:format("~p~n", [length(L) + length(matches(ets:match(C)))]),
    ets:safe_fixtable(T, false),
    io:format("~p~n", [ets:info(T, size)]),
    io:format("~p~n", [ets:info(T, safe_fixed)]),
    on_from_deleted(set),
    on_from_deleted(bag),
    on_from_deleted(duplicate_bag).

%% From a key that is gone a walk goes on as long as the table is fixed.
on_from_deleted(Type) ->
    T = ets:new(t, [Type]),
    ets:insert(T, [{N, N} || N <- lists:seq(1, 500)]),
    ets:safe_fixtable(T, true),
    io:format("~p~n", [walk_behind(T, ets:first(T), 0)]),
    io:format("~p ~p ~p~n", [ets:info(T, size), ets:first(T), ets:lookup(T, 1)]),
    ets:insert(T, {1, again}),
    io:format("~p ~p~n", [ets:lookup(T, 1), ets:first(T)]),
    ets:safe_fixtable(T, false),
    {'EXIT', {Reason, _}} = (catch ets:next(T, 2)),
    io:format("~p ~p~n", [Reason, ets:next(T, 1)]).

walk_behind(_, '$end_of_table', N) -> N;
walk_behind(T, K, N) ->
    ets:delete(T, K),
    walk_behind(T, ets:next(T, K), N + 1).

walk(_, '$end_of_table', N) -> N;
walk(T, K, N) ->
    Next = ets:next(T, K),
    ets:delete(T, K),
    walk(T, Next, N + 1).

pages('$end_of_table') -> [];
pages({L, C}) -> L ++ pages(ets:select(C)).
matches('$end_of_table') -> [];
matches({L, C}) -> L ++ matches(ets:match(C)).
