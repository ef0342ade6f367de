%% What occurs more than once in a persistent term is stored once, and stays so when the term is erased.
-module(persistent_sharing).
-export([main/0]).

main() ->
    Text = list_to_binary(lists:duplicate(100, $x)),
    Plain = [{N, [N, N]} || N <- lists:seq(1, 100)],
    [show(What, T) || {What, T} <- [
        {lists, lists:foldl(fun(_, A) -> [A | A] end, [], lists:seq(1, 22))},
        {tuples, lists:foldl(fun(N, A) -> {N, A, A, A} end, Text, lists:seq(1, 14))},
        {maps, lists:foldl(fun(N, A) -> #{N => A, a => A} end, Plain, lists:seq(1, 10))},
        {plain, Plain},
        {funs, begin F = fun() -> {Plain, Text} end, [F, F, {F}] end}]].

show(What, T) ->
    persistent_term:put(What, T),
    Stored = persistent_term:get(What),
    io:format("~p ~p ~p~n", [What, erts_debug:size(T) =:= erts_debug:size(Stored), erts_debug:size_shared(Stored)]),
    persistent_term:erase(What),
    erlang:garbage_collect(),
    io:format("~p~n", [erts_debug:size(T) =:= erts_debug:size(Stored)]).
