%% One process and its tables of N rows, a set and an ordered one: insert, look up, update, select, delete.
-module(ets_sequential).
-export([run/1]).

run(N) ->
    work(ets:new(set, [set]), N) + work(ets:new(ordered, [ordered_set]), N).

work(Table, N) ->
    fill(N, 7, Table),
    Found = look(N, 7, Table, 0),
    [ets:update_counter(Table, 7, {2, 1}, {7, 0, x}) || _ <- lists:seq(1, N)],
    Selected = length(ets:select(Table, [{{'$1', '$2', '_'}, [{'<', '$2', 100}], ['$1']}])),
    Folded = ets:foldl(fun({_, V, _}, Sum) -> Sum + V end, 0, Table),
    delete(N, 7, Table),
    Left = ets:info(Table, size),
    ets:delete(Table),
    (Found + Selected + Folded + Left) band 16#ffffffff.

fill(0, _, _) -> ok;
fill(N, Seed, Table) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    ets:insert(Table, {Next, N, {some, <<"text">>}}),
    fill(N - 1, Next, Table).

look(0, _, _, Sum) -> Sum;
look(N, Seed, Table, Sum) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    [{_, V, _}] = ets:lookup(Table, Next),
    look(N - 1, Next, Table, Sum + V).

delete(N, _, _) when N < 2 -> ok;
delete(N, Seed, Table) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    ets:delete(Table, Next),
    delete(N - 2, Next, Table).
