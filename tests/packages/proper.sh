# proper: properties that hold and one that does not, with what it shrinks to
# needs /usr/lib/erlang/lib/proper-*/include/proper.hrl
cat > props.erl <<'E'
-module(props).
-include_lib("proper/include/proper.hrl").
-export([main/0]).
prop_reverse() -> ?FORALL(L, list(integer()), lists:reverse(lists:reverse(L)) =:= L).
prop_terms() -> ?FORALL(T, any(), binary_to_term(term_to_binary(T)) =:= T).
prop_text() -> ?FORALL(S, utf8(), is_list(unicode:characters_to_list(S))).
prop_wrong() -> ?FORALL(L, list(nat()), length(L) < 4).
main() ->
    Hold = [prop_reverse(), prop_terms(), prop_text()],
    io:format("~p~n", [[proper:quickcheck(P, [{numtests, 200}, quiet]) || P <- Hold]]),
    false = proper:quickcheck(prop_wrong(), [{numtests, 1000}, quiet]),
    io:format("~p~n", [proper:counterexample()]).
E
erlc props.erl && erl -noshell -s props main -s init stop
