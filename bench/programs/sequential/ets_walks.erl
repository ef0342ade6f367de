%% Walks through tables of N rows, a set and an ordered one: from key to key, by selection whole and in portions,
%% folded, counted, as a list.
-module(ets_walks).
-export([prepare/1, run/1]).

prepare(N) ->
    [fill(ets:new(walked, [Kind, public]), N) || Kind <- [set, ordered_set]].

fill(Table, N) ->
    ets:insert(Table, [{I * 7919 rem 1000003, I, <<"text">>} || I <- lists:seq(1, N)]),
    Table.

run(Tables) -> lists:sum([walk(Table) || Table <- Tables]).

walk(Table) ->
    Forward = next(Table, ets:first(Table), 0),
    Backward = prev(Table, ets:last(Table), 0),
    Spec = [{{'$1', '$2', '_'}, [{'>', '$2', 100}], ['$1']}],
    Whole = lists:sum(ets:select(Table, Spec)),
    Portions = portions(ets:select(Table, Spec, 100), 0),
    Folded = ets:foldl(fun({_, I, _}, Sum) -> Sum + I end, 0, Table),
    Counted = ets:select_count(Table, [{{'_', '$1', '_'}, [{'<', '$1', 1000}], [true]}]),
    List = length(ets:tab2list(Table)),
    Forward + Backward + Whole + Portions + Folded + Counted + List.

next(_, '$end_of_table', Sum) -> Sum;
next(Table, Key, Sum) -> next(Table, ets:next(Table, Key), Sum + Key).

prev(_, '$end_of_table', Sum) -> Sum;
prev(Table, Key, Sum) -> prev(Table, ets:prev(Table, Key), Sum + Key).

portions('$end_of_table', Sum) -> Sum;
portions({Keys, Continuation}, Sum) -> portions(ets:select(Continuation), Sum + lists:sum(Keys)).
