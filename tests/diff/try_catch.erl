%% try, catch, after, throw, exit, error: classes, order, nesting.
-module(try_catch).
-export([main/0]).

main() ->
    Fs = [fun() -> ok end, fun() -> throw(ball) end, fun() -> exit(door) end, fun() -> error(oops) end,
          fun() -> error(oops, [args]) end, fun() -> 1 / id(0) end, fun() -> {a, b} = id(c) end,
          fun() -> case id(1) of 2 -> x end end, fun() -> if_clause(id(0)) end, fun() -> hd(id([])) end,
          fun() -> (id(notfun))() end, fun() -> (fun(X) -> X end)(id(1), 2) end, fun() -> nomod:nofun(1) end,
          fun() -> apply(id(lists), nofun, [1]) end, fun() -> clause(x) end, fun() -> try id(3) of 4 -> x catch _ -> y end end,
          fun() -> throw({nested, try throw(inner) catch throw:I -> I end}) end],
    [io:format("~p~n", [outcome(F)]) || F <- Fs],
    [io:format("~p~n", [old_catch(F)]) || F <- Fs],
    io:format("~p~n", [try error(first) catch error:first -> try error(second) catch error:S -> S end end]),
    io:format("~p~n", [(fun() -> try exit(a) catch exit:a -> io:format("caught~n"), b after io:format("after~n") end end)()]),
    io:format("~p~n", [catch (try throw(through) after io:format("cleanup~n") end)]),
    io:format("~p~n", [catch (try throw(lost) after throw(wins) end)]),
    io:format("~p~n", [try erlang:raise(exit, raised, []) catch C:R -> {C, R} end]),
    io:format("~p~n", [catch try 1 of 1 -> throw(from_body) catch _:_ -> wrong after io:format("done~n") end]).

outcome(F) -> try F() of V -> {value, V} catch C:R -> {C, R} end.

old_catch(F) ->
    case catch F() of
        {'EXIT', {R, [_ | _]}} -> {'EXIT', {R, stack}};
        Other -> Other
    end.

if_clause(X) -> if X > 0 -> ok; X < 0 -> no end.
clause(y) -> ok.
id(X) -> X.
