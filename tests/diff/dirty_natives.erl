%% Natives of dirty threads: where they run, what they raise, moving between threads.
-module(dirty_natives).
-export([main/0]).

main() ->
    io:format("~p~n", [[erts_debug:dirty_cpu(scheduler, type), erts_debug:dirty_io(scheduler, type)]]),
    io:format("~p~n", [[erts_debug:dirty(C, scheduler, type) || C <- [normal, dirty_cpu, dirty_io]]]),
    io:format("~p~n", [[erts_debug:dirty(C, reschedule, 1000) || C <- [normal, dirty_cpu, dirty_io]]]),
    [show(F) || F <- [fun() -> erts_debug:dirty_cpu(reschedule, 1001) end,
                      fun() -> erts_debug:dirty(dirty_io, reschedule, 7) end,
                      fun() -> erts_debug:dirty(other, reschedule, 8) end,
                      fun() -> erts_debug:dirty_io(error, badarith) end,
                      fun() -> erts_debug:dirty(dirty_cpu, error, system_limit) end,
                      fun() -> erts_debug:dirty_cpu(nothing, 1) end]],
    [ok, {ok, Pid}] = [erts_debug:dirty_io(send, self()), receive {ok, _} = Got -> Got after 1000 -> none end],
    io:format("~p~n", [Pid =:= self()]),
    io:format("~p~n", [length(erts_debug:dirty_cpu(copy, {a, <<"b">>}))]),
    %% a scheduler that waits in a dirty native runs others meanwhile
    Me = self(),
    [spawn(fun() -> ok = erts_debug:dirty_io(wait, 100), Me ! done end) || _ <- lists:seq(1, 5)],
    io:format("~p~n", [[receive done -> done end || _ <- lists:seq(1, 5)]]).

show(F) ->
    io:format("~p~n", [try F() catch C:R:S -> {C, R, [{M, N, A} || {M, N, A, _} <- [hd(S)]]} end]).
