%% A term of many kinds to its external form and back, N times.
-module(external_terms).
-export([run/1]).

run(N) -> repeat(N, [term(I) || I <- lists:seq(1, 50)], 0).

repeat(0, _, Sum) -> Sum;
repeat(N, Term, Sum) ->
    Binary = term_to_binary(Term),
    Term = binary_to_term(Binary),
    repeat(N - 1, Term, (Sum + byte_size(Binary)) band 16#ffffffff).

term(I) ->
    {item, I, I * 1.5, <<"some binary text">>, "a string of characters", #{id => I, <<"k">> => [a, b, {c, I}]},
     1 bsl (I + 40), [undefined, true | tail]}.
