%% A process ends with a large reason while others ask it for collections and persistent terms are replaced:
%% the reason arrives whole.
-module(exit_while_asked).
-export([main/0]).

main() ->
    [collected(N) || N <- lists:seq(1, 1500)],
    io:format("collected~n"),
    [replaced(N) || N <- lists:seq(1, 300)],
    io:format("replaced~n").

collected(N) ->
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        List = lists:seq(N, N + 200),
        Self ! ready,
        spin(N rem 300),
        exit({left, List, [{X, N} || X <- List]})
    end),
    receive ready -> ok end,
    [erlang:garbage_collect(Pid, [{async, K}]) || K <- lists:seq(1, 20)],
    List = lists:seq(N, N + 200),
    Expected = {left, List, [{X, N} || X <- List]},
    receive {'DOWN', Monitor, process, Pid, Expected} -> ok end,
    [receive {garbage_collect, K, _} -> ok end || K <- lists:seq(1, 20)].

replaced(N) ->
    Value = [{N, X, <<X:400>>} || X <- lists:seq(1, 50)],
    persistent_term:put(?MODULE, Value),
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        Mine = persistent_term:get(?MODULE),
        Self ! ready,
        spin(N rem 300),
        exit({had, Mine})
    end),
    receive ready -> ok end,
    persistent_term:erase(?MODULE),
    persistent_term:put(?MODULE, {N, lists:duplicate(100, filler)}),
    receive {'DOWN', Monitor, process, Pid, {had, Value}} -> ok end.

spin(0) -> ok;
spin(N) -> spin(N - 1).
