%% Walking an ordered_set both ways, with keys that come and go.
-module(ets_ordered).
-export([main/0]).

main() ->
    T = ets:new(t, [ordered_set, public]),
    [ets:insert(T, {K * 7 rem 101, K}) || K <- lists:seq(1, 100)],
    io:format("~p~n", [walk(T, fun ets:first/1, fun ets:next/2)]),
    io:format("~p~n", [walk(T, fun ets:last/1, fun ets:prev/2)]),
    io:format("~p ~p ~p~n", [ets:next(T, 50.5), ets:prev(T, 0), ets:next(T, zzz)]),
    io:format("~p~n", [ets:slot(T, 3)]),
    [ets:delete(T, K) || K <- lists:seq(1, 100), K rem 3 =/= 0],
    io:format("~p~n", [ets:tab2list(T)]),
    io:format("~p~n", [ets:foldl(fun({K, _}, A) -> K + A end, 0, T)]),
    io:format("~p~n", [ets:foldr(fun({K, _}, A) -> [K | A] end, [], T)]),
    io:format("~p~n", [ets:select(T, [{{'$1', '_'}, [{'>', '$1', 80}], ['$1']}])]),
    io:format("~p~n", [ets:select_reverse(T, [{{'$1', '_'}, [{'<', '$1', 20}], ['$1']}])]),
    {L, C} = ets:select(T, [{{'$1', '_'}, [], ['$1']}], 10),
    io:format("~p~n", [[L | pages(C)]]),
    ets:insert(T, [{a, 1}, {"s", 2}, {1.5, 3}, {{}, 4}, {<<>>, 5}, {#{}, 6}, {[], 7}]),
    io:format("~p~n", [[K || {K, _} <- ets:tab2list(T), not is_integer(K)]]).

walk(T, First, Next) -> walk(T, First(T), Next, []).
walk(_, '$end_of_table', _, Acc) -> lists:reverse(Acc);
walk(T, K, Next, Acc) -> walk(T, Next(T, K), Next, [K | Acc]).

pages('$end_of_table') -> [];
pages(C) -> case ets:select(C) of {L, C2} -> [L | pages(C2)]; '$end_of_table' -> [] end.
