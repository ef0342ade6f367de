%% How long each of N calls of one process takes, made by 20 clients at once, each as fast as it can.
-module(call_latency).
-export([run/1]).

-define(CLIENTS, 20).

run(N) ->
    Self = self(),
    Server = spawn_link(fun() -> serve(0) end),
    Each = N div ?CLIENTS,
    Clients = [spawn_link(fun() -> Self ! {self(), calls(Each, Server, [])} end) || _ <- lists:seq(1, ?CLIENTS)],
    Times = lists:sort(lists:append([receive {C, T} -> T end || C <- Clients])),
    {call(Server, 0), timed:latencies(call, Times)}.

serve(Sum) ->
    receive {From, Ref, Add} -> From ! {Ref, Sum + Add}, serve(Sum + Add) end.

call(Server, Add) ->
    Ref = make_ref(),
    Server ! {self(), Ref, Add},
    receive {Ref, Sum} -> Sum end.

calls(0, _, Times) -> Times;
calls(N, Server, Times) ->
    Start = erlang:monotonic_time(nanosecond),
    call(Server, 1),
    calls(N - 1, Server, [erlang:monotonic_time(nanosecond) - Start | Times]).
