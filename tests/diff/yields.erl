%% erlang:yield/0 ends the slice within the call, wherever it stands.
-module(yields).
-export([main/0, middle/0, final/0]).

main() ->
    Me = self(),
    Pid = spawn(fun() ->
        receive go -> ok end,
        {ok, true} = middle(),
        true = final(),
        true = apply(erlang, yield, []),
        exit(done)
    end),
    erlang:yield(),
    1 = erlang:trace(Pid, true, [running, procs, {tracer, Me}]),
    Pid ! go,
    show(Pid).

middle() -> {ok, erlang:yield()}.

final() -> erlang:yield().

show(Pid) ->
    receive
        {trace, Pid, exit, done} -> io:format("exit~n");
        {trace, Pid, What, _} -> io:format("~p~n", [What]), show(Pid)
    end.
