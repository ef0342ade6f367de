%% What an application in the last place tells of its caller when it fails.
-module(apply_last).
-export([main/0]).

main() ->
    [show(Which) || Which <- [plain, twice, three_times, computed, improper, no_list, no_atom, error_1, throw, other]].

show(Which) ->
    put(erlang, erlang),
    try
        last(Which),
        ok
    catch
        Class:Reason:Trace ->
            Short = [{M, F, A} || {M, F, A, _} <- Trace, M =/= init, M =/= erl_eval],
            io:format("~p: ~p ~p ~p~n", [Which, Class, Reason, lists:sublist(Short, 3)])
    end.

last(plain) -> apply(id(erlang), error, [oops, [plain]]);
last(twice) -> apply(id(erlang), apply, [erlang, error, [oops, [twice]]]);
last(three_times) -> apply(id(erlang), id(apply), [erlang, apply, [erlang, error, [oops, [three_times]]]]);
last(computed) -> apply(id(erlang), id(apply), id([id(erlang), id(error), id([oops, [computed]])]));
last(improper) -> apply(id(erlang), id(apply), [erlang, error, [oops | tail]]);
last(no_list) -> apply(id(erlang), id(apply), [erlang, error, oops]);
last(no_atom) -> apply(id(erlang), id(apply), [1, error, []]);
last(error_1) -> apply(id(erlang), id(apply), [erlang, error, [oops]]);
last(throw) -> apply(id(erlang), id(apply), [erlang, throw, [oops]]);
last(other) -> apply(id(erlang), id(apply), [?MODULE, nothing, [1]]).

id(X) -> X.
