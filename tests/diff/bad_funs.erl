%% Calls of what is no fun, or one of another arity: who stands in the stack trace, and how often.
-module(bad_funs).
-export([main/0, call/1, call_with/2, last/1, apply_list/1]).

call(X) -> R = X(), {R}.

call_with(X, Y) -> R = X(Y), {R}.

last(X) -> X().

apply_list(X) -> R = apply(X, [1, 2, 3]), {R}.

main() ->
    Calls = [fun() -> call(1) end,
             fun() -> call(fun(_) -> 1 end) end,
             fun() -> call_with(fun() -> 1 end, 2) end,
             fun() -> call_with(atom, 2) end,
             fun() -> last(1) end,
             fun() -> last(fun(_) -> 1 end) end,
             fun() -> apply_list(1) end,
             fun() -> apply_list(fun() -> 1 end) end,
             fun() -> call(fun no_such_module:f/0) end,
             fun() -> [tags(catch_it(X)) || X <- [fun(_) -> 1 end, 2]] end],
    lists:foreach(fun show/1, Calls).

catch_it(X) -> {catch X(), catch X(1)}.

show(Call) ->
    try io:format("~p~n", [Call()])
    catch Class:Reason:Trace ->
        io:format("~w ~p~n", [Class, kind(Reason)]),
        [io:format("    ~w:~w/~w ~p~n", [M, F, arity(A), proplists:get_value(line, L)]) || {M, F, A, L} <- Trace, M =:= ?MODULE]
    end.

tags({A, B}) -> {tag(A), tag(B)}.

tag({'EXIT', {Reason, Trace}}) -> {kind(Reason), [{F, arity(A)} || {M, F, A, _} <- Trace, M =:= ?MODULE]};
tag(Value) -> Value.

kind({badarity, {_, Args}}) -> {badarity, Args};
kind({badfun, _}) -> badfun;
kind(Reason) -> Reason.

arity(A) when is_integer(A) -> A;
arity(A) -> length(A).
