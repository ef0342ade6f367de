%% The lists module, and the native operators on lists.
-module(list_functions).
-export([main/0]).

main() ->
    L = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5],
    P = [{b, 2}, {a, 1}, {c, 3}, {a, 9}],
    io:format("~w~n", [[lists:sort(L), lists:usort(L), lists:reverse(L), lists:sum(L), lists:max(L), lists:min(L), lists:last(L), lists:nth(3, L), lists:nthtail(8, L)]]),
    io:format("~w~n", [[lists:keyfind(a, 1, P), lists:keysearch(z, 1, P), lists:keymember(3, 2, P), lists:keysort(1, P), lists:keydelete(a, 1, P), lists:keyreplace(a, 1, P, {x}), lists:keystore(q, 1, P, {q, 0}), lists:keytake(c, 1, P), lists:ukeysort(1, P), lists:keymap(fun(X) -> -X end, 2, P)]]),
    io:format("~w~n", [[L ++ [x], [1, 2, 3, 2, 1] -- [2, 1], [] ++ tail, [a] ++ b, "abc" -- "b", lists:subtract(L, [5, 5]), lists:append([[1], [], [2, 3]]), lists:duplicate(3, z)]]),
    io:format("~w~n", [[lists:seq(1, 10, 3), lists:seq(5, 1, -2), lists:seq(1, 0), lists:member(9, L), lists:delete(1, L), lists:sublist(L, 3), lists:sublist(L, 2, 4), lists:split(2, [a, b, c])]]),
    io:format("~w~n", [[lists:partition(fun(X) -> X > 3 end, L), lists:splitwith(fun(X) -> X =/= 5 end, L), lists:takewhile(fun(X) -> X < 5 end, L), lists:dropwhile(fun(X) -> X < 5 end, L), lists:filtermap(fun(X) -> X > 4 andalso {true, X * X} end, L), lists:flatmap(fun(X) -> [X, X] end, [1, 2])]]),
    io:format("~w~n", [[lists:zip([1, 2], [a, b]), lists:unzip([{1, a}, {2, b}]), lists:zip3([1], [2], [3]), lists:zipwith(fun(A, B) -> A * B end, [1, 2], [3, 4]), lists:mapfoldl(fun(X, A) -> {X * 2, A + X} end, 0, L), lists:foldr(fun(X, A) -> [X | A] end, [], L), lists:enumerate([a, b])]]),
    io:format("~w~n", [[lists:flatten([1, [2, [3, []], 4]]), lists:concat([a, 1, "s", 1.5]), lists:prefix("ab", "abc"), lists:suffix("bc", "abc"), lists:merge([1, 3], [2, 4]), lists:umerge([1, 3], [1, 4]), lists:any(fun is_atom/1, [1, a]), lists:all(fun is_atom/1, [1, a]), lists:search(fun(X) -> X > 4 end, L), lists:join(x, [1, 2, 3]), lists:droplast([1, 2])]]),
    io:format("~w~n", [lists:sort(fun(A, B) -> A >= B end, L)]),
    Big = [X * 7919 rem 10007 || X <- lists:seq(1, 10006)],
    io:format("~w ~w~n", [lists:sort(Big) =:= lists:seq(1, 10006), erlang:phash2(lists:reverse(Big))]),
    Tries = [fun() -> hd([]) end, fun() -> tl([]) end, fun() -> length([a | b]) end, fun() -> [a | b] ++ c end, fun() -> [a] -- b end, fun() -> lists:nth(5, [1]) end, fun() -> lists:reverse([a | b]) end,
             fun() -> lists:seq(1, a) end, fun() -> lists:zip([1], []) end, fun() -> lists:max([]) end, fun() -> lists:member(x, [a | b]) end, fun() -> lists:keyfind(a, 1, [{a} | b]) end, fun() -> lists:keyfind(b, 1, [{a} | b]) end],
    [io:format("~w~n", [try F() catch C:R -> {C, R} end]) || F <- Tries].
