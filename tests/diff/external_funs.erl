%% Funs in the external format: with free variables of every sort, in every order.
-module(external_funs).
-export([main/0, id/1]).

main() ->
    A = id(1), B = id({tuple, [1, 2]}), C = id(<<"bytes">>), D = id([x, y]), E = id(1.5), F = id(#{a => b}),
    Funs = [fun() -> A end, fun() -> B end, fun() -> {A, B} end, fun() -> {B, A} end, fun() -> {A, C, D, E} end,
            fun() -> {D, A, F, C} end, fun() -> [E, fun(X) -> {X, A, D} end] end, fun id/1, fun ?MODULE:id/1],
    [begin
         Read = binary_to_term(term_to_binary(Fun, Options)),
         io:format("~p ~p ", [Read =:= Fun, erlang:external_size(Fun) >= byte_size(term_to_binary(Fun))]),
         case erlang:fun_info(Fun, arity) of
             {arity, 0} -> show(Read());
             {arity, 1} -> show(Read(one))
         end
     end || Fun <- Funs, Options <- [[], [compressed], [{minor_version, 1}]]],
    All = {Funs, Funs},
    io:format("~p~n", [binary_to_term(term_to_binary(All)) =:= All]).

show([E, Fun]) -> io:format("~p ~p~n", [E, Fun(two)]);
show(Term) -> io:format("~p~n", [Term]).

id(X) -> X.
