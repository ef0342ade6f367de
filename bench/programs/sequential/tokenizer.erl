%% A hand-written scanner over a string, N times: clauses on characters, accumulators, tuples.
-module(tokenizer).
-export([run/1]).

-define(TEXT, "foo(X1, Bar) -> case X1 of {ok, 42} -> [Bar + 123 | x]; _ -> 'q w' end.").

run(N) -> repeat(N, ?TEXT, 0).

repeat(0, _, Sum) -> Sum;
repeat(N, Text, Sum) -> repeat(N - 1, Text, Sum + count(scan(Text, []), 0)).

%% Weighs each token, so that a wrong one shows in the result.
count([{int, I} | T], N) -> count(T, N + I);
count([{punct, C} | T], N) -> count(T, N + C);
count([{atom, [C | _]} | T], N) -> count(T, N + C * 3);
count([{var, [C | _]} | T], N) -> count(T, N + C * 5);
count(['->' | T], N) -> count(T, N + 7);
count([], N) -> N.

scan([C | T], Acc) when C >= $a, C =< $z -> word(T, [C], atom, Acc);
scan([C | T], Acc) when C >= $A, C =< $Z; C =:= $_ -> word(T, [C], var, Acc);
scan([C | T], Acc) when C >= $0, C =< $9 -> integer(T, C - $0, Acc);
scan([C | T], Acc) when C =:= $\s; C =:= $\n; C =:= $\t -> scan(T, Acc);
scan([$-, $> | T], Acc) -> scan(T, ['->' | Acc]);
scan([$' | T], Acc) -> quoted(T, [], Acc);
scan([C | T], Acc) -> scan(T, [{punct, C} | Acc]);
scan([], Acc) -> reverse(Acc, []).

word([C | T], Word, Kind, Acc)
  when C >= $a, C =< $z; C >= $A, C =< $Z; C >= $0, C =< $9; C =:= $_; C =:= $@ ->
    word(T, [C | Word], Kind, Acc);
word(T, Word, Kind, Acc) ->
    scan(T, [{Kind, reverse(Word, [])} | Acc]).

integer([C | T], N, Acc) when C >= $0, C =< $9 -> integer(T, N * 10 + C - $0, Acc);
integer(T, N, Acc) -> scan(T, [{int, N} | Acc]).

quoted([$' | T], Word, Acc) -> scan(T, [{atom, reverse(Word, [])} | Acc]);
quoted([C | T], Word, Acc) -> quoted(T, [C | Word], Acc).

reverse([H | T], Acc) -> reverse(T, [H | Acc]);
reverse([], Acc) -> Acc.
