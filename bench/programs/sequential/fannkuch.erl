%% The most prefix reversals that any permutation of 1..N needs, over all permutations: short lists.
-module(fannkuch).
-export([run/1]).

run(N) -> permutations(lists:seq(1, N), [], 0).

%% Takes each element of the first list as the next one of the permutation behind it.
permutations([], Permutation, Most) ->
    max(Most, flips(Permutation, 0));
permutations(Left, Permutation, Most) ->
    choose(Left, [], Permutation, Most).

choose([X | Rest], Before, Permutation, Most) ->
    choose(Rest, [X | Before], Permutation, permutations(lists:reverse(Before, Rest), [X | Permutation], Most));
choose([], _, _, Most) ->
    Most.

flips([1 | _], Count) -> Count;
flips([First | _] = List, Count) -> flips(flip(First, List, []), Count + 1).

flip(0, Rest, Flipped) -> join(lists:reverse(Flipped), Rest);
flip(N, [X | Rest], Flipped) -> flip(N - 1, Rest, [X | Flipped]).

%% Flipped has come the right way round: it goes on in reverse in front of what was not touched.
join(Front, Rest) -> lists:reverse(Front, Rest).
