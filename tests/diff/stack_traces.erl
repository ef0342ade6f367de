%% Stack traces: functions, arities or arguments, file and line; tail calls leave no frame.
-module(stack_traces).
-export([main/0, outer/1, tail/1]).

main() ->
    Cases = [fun() -> outer(badarith) end, fun() -> outer(badmatch) end, fun() -> outer(clause) end,
             fun() -> outer(bif) end, fun() -> outer(undef) end, fun() -> outer(exit) end, fun() -> outer(throw) end,
             fun() -> outer(args) end, fun() -> tail(5) end, fun() -> outer(list) end, fun() -> outer(guard_bif) end,
             fun() -> outer(badfun) end, fun() -> outer(arity) end, fun() -> outer(case_clause) end,
             fun() -> calls(1) end, fun() -> calls(2) end, fun() -> calls(3) end,
             fun() -> steps(1) end, fun() -> steps(2) end, fun() -> steps(3) end],
    [show(F) || F <- Cases].

show(F) ->
    try F()
    catch C:R:St ->
        io:format("~p ~p~n", [C, R]),
        [io:format("   ~p:~p/~p ~p~n", [M, Fn, arity(A), where(L)]) || {M, Fn, A, L} <- St, M =:= ?MODULE orelse Fn =/= '-main/0-'],
        ok
    end.

arity(A) when is_list(A) -> {args, A};
arity(A) -> A.

where(L) -> {proplists:get_value(file, L), proplists:get_value(line, L)}.

outer(Kind) ->
    R = inner(Kind),
    [R].

inner(badarith) -> 1 + id(a);
inner(badmatch) ->
    {ok, X} = id(error),
    X;
inner(bif) -> atom_to_list(id("no")) ++ "x";
inner(undef) -> 1 + lists:no_such(1, 2);
inner(exit) -> exit(leaving), ok;
inner(throw) -> 1 + throw(up);
inner(args) -> error(given, [1, two]);
inner(list) -> lists:map(fun(X) -> X * 2 end, [1, 2, x]);
inner(guard_bif) -> [length(id([a | b]))];
inner(badfun) -> [(id(5))(1)];
inner(arity) -> [(fun(A, B) -> {A, B} end)(id(1))];
inner(case_clause) -> [case id(1) of 2 -> two end].

%% Calls with nothing between them, not even arguments: where one returns to is on the next line.
steps(N) ->
    put(steps, N),
    step(),
    step(),
    step(),
    ok.

step() ->
    case put(steps, get(steps) - 1) of
        1 -> error(last_step);
        _ -> ok
    end.

calls(N) ->
    fails(N, 1),
    fails(N, 2),
    fails(N, 3),
    ok.

fails(N, N) -> error(N);
fails(_, _) -> ok.

tail(0) -> error(bottom);
tail(N) -> tail(N - 1).

id(X) -> X.
