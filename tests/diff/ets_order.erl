%% The order in which walks and selections meet the objects of hash tables.
-module(ets_order).
-export([main/0]).

main() ->
    [order(Kind, N) || N <- [3, 50, 300, 5000],
                       Kind <- [int, atom, tuple, binary, string, float, big, mixed]],
    [bag(Type) || Type <- [bag, duplicate_bag]],
    deleted(),
    shrinks(),
    fixed(),
    portions(),
    lists(),
    concurrent(),
    slots().

say(Label, Term) ->
    io:format("~0p ~0p ~0p~n", [Label, erlang:phash2(Term), short(Term)]).

short(L) when is_list(L), length(L) > 12 -> {length(L), lists:sublist(L, 12)};
short(T) -> T.

key(int, N) -> N;
key(atom, N) -> list_to_atom("key_" ++ integer_to_list(N));
key(tuple, N) -> {N, N + 1, <<N>>};
key(binary, N) -> integer_to_binary(N * 7919);
key(string, N) -> "s" ++ integer_to_list(N);
key(float, N) -> N / 3;
key(big, N) -> (1 bsl 70) + N * 12345678901234567;
key(mixed, N) -> key(element(N rem 7 + 1, {int, atom, tuple, binary, string, float, big}), N).

walk(T) -> walk(T, ets:first(T)).
walk(_, '$end_of_table') -> [];
walk(T, K) -> [K | walk(T, ets:next(T, K))].

order(Kind, N) ->
    T = ets:new(t, [set]),
    [ets:insert(T, {key(Kind, I), I}) || I <- lists:seq(1, N)],
    all({Kind, N}, T),
    ets:delete(T).

all(Label, T) ->
    say({Label, list}, ets:tab2list(T)),
    say({Label, walk}, walk(T)),
    say({Label, last}, ets:last(T)),
    say({Label, match}, ets:match(T, {'$1', '_'})),
    say({Label, select}, ets:select(T, [{{'_', '$1'}, [], ['$1']}])),
    say({Label, reverse}, ets:select_reverse(T, [{{'_', '$1'}, [], ['$1']}])),
    say({Label, foldl}, ets:foldl(fun(X, A) -> [X | A] end, [], T)),
    say({Label, foldr}, ets:foldr(fun(X, A) -> [X | A] end, [], T)).

bag(Type) ->
    T = ets:new(t, [Type]),
    [ets:insert(T, {key(mixed, I rem 40), I rem 9}) || I <- lists:seq(1, 600)],
    all({Type, full}, T),
    say({Type, lookup}, [ets:lookup(T, key(mixed, I)) || I <- lists:seq(0, 39)]),
    say({Type, elements}, [ets:lookup_element(T, key(mixed, I), 2) || I <- lists:seq(0, 39)]),
    say({Type, keyed}, [ets:match_object(T, {key(mixed, I), '_'}) || I <- lists:seq(0, 39)]),
    ets:delete_object(T, {key(mixed, 3), 3}),
    ets:insert(T, {key(mixed, 3), 3}),
    say({Type, again}, ets:lookup(T, key(mixed, 3))),
    say({Type, take}, ets:take(T, key(mixed, 4))),
    ets:safe_fixtable(T, true),
    ets:delete_object(T, {key(mixed, 5), 5}),
    ets:delete_object(T, {key(mixed, 6), 6}),
    ets:insert(T, {key(mixed, 5), 5}),
    say({Type, revived}, ets:lookup(T, key(mixed, 5))),
    all({Type, fixed}, T),
    ets:safe_fixtable(T, false),
    all({Type, unfixed}, T).

deleted() ->
    T = ets:new(t, []),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 3000)],
    [ets:delete(T, I) || I <- lists:seq(1, 3000), I rem 3 =/= 0],
    all(deleted, T),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 2000, 2)],
    all(reinserted, T),
    ets:delete_all_objects(T),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 100)],
    all(cleared, T).

shrinks() ->
    T = ets:new(t, []),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 20000)],
    [begin
         [ets:delete(T, I) || I <- lists:seq(From, From + 1999)],
         say({shrunk, From}, walk(T)),
         say({shrunk, From}, ets:tab2list(T))
     end || From <- lists:seq(1, 19999, 2000)],
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 6000)],
    all(grown, T),
    say(deleted, ets:select_delete(T, [{{'$1', '_'}, [{'>', '$1', 1000}], [true]}])),
    all(left, T).

fixed() ->
    T = ets:new(t, []),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 200)],
    ets:safe_fixtable(T, true),
    F = ets:first(T),
    ets:delete(T, F),
    say(next, ets:next(T, F)),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 2000)],
    all(grows_not, T),
    [ets:delete(T, I) || I <- lists:seq(1, 1000)],
    say(behind, [ets:next(T, I) || I <- lists:seq(1, 1000)]),
    ets:safe_fixtable(T, false),
    say(gone, catch element(1, element(2, catch ets:next(T, 1)))),
    all(unfixed, T),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 300)],
    all(catches_up, T).

portions() ->
    [begin
         T = ets:new(t, [Type]),
         [ets:insert(T, {I rem 700, I}) || I <- lists:seq(1, 900)],
         [say({portions, Type, Limit}, portions(ets:select(T, [{{'$1', '$2'}, [], [{{'$1', '$2'}}]}], Limit)))
          || Limit <- [1, 2, 3, 10, 450, 2000]],
         [say({matches, Type, Limit}, matches(ets:match(T, {'$1', '_'}, Limit))) || Limit <- [1, 7]],
         ets:delete(T)
     end || Type <- [set, bag, duplicate_bag]],
    T = ets:new(t, []),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 900)],
    MS = [{{'$1', '$2'}, [], ['$_']}],
    {L, C} = ets:select(T, MS, 5),
    C1 = ets:repair_continuation(binary_to_term(term_to_binary(C)), MS),
    say(repaired, {L, element(1, ets:select(C1))}).

portions('$end_of_table') -> [];
portions({L, C}) -> [L | portions(ets:select(C))].
matches('$end_of_table') -> [];
matches({L, C}) -> [L | matches(ets:match(C))].

lists() ->
    [begin
         T = ets:new(t, [Type]),
         ets:insert(T, [{I rem 10, I} || I <- lists:seq(1, 50)]),
         say({list, Type}, ets:tab2list(T)),
         say({list, Type}, ets:lookup(T, 3)),
         say({new, Type}, ets:insert_new(T, [{a, 1}, {a, 2}, {b, 1}])),
         say({new, Type}, {ets:lookup(T, a), ets:insert_new(T, {a, 3}), ets:insert_new(T, {c, 3})}),
         say({list, Type}, ets:tab2list(T))
     end || Type <- [set, bag, duplicate_bag]],
    T = ets:new(t, []),
    [ets:update_counter(T, I, 1, {I, 0}) || I <- lists:seq(1, 1000)],
    all(counters, T).

concurrent() ->
    [begin
         T = ets:new(t, [P, {write_concurrency, W}]),
         [ets:insert(T, {I, I}) || I <- lists:seq(1, 1000)],
         all({P, W}, T)
     end || P <- [public, protected, private], W <- [true, false]].

slots() ->
    T = ets:new(t, [bag]),
    [ets:insert(T, {I rem 500, I}) || I <- lists:seq(1, 1000)],
    say(slots, slots(T, 0)),
    {'EXIT', {badarg, _}} = (catch ets:slot(T, length(slots(T, 0)) + 1)).

slots(T, N) ->
    case ets:slot(T, N) of
        '$end_of_table' -> [];
        L -> [L | slots(T, N + 1)]
    end.
