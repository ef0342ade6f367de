%% Two processes exchange N messages each way.
-module(ping_pong).
-export([run/1]).

run(N) ->
    Self = self(),
    Pong = spawn_link(fun() -> pong(Self) end),
    ping(N, Pong, 0).

ping(0, Pong, Sum) -> Pong ! stop, Sum;
ping(N, Pong, Sum) ->
    Pong ! {ping, N},
    receive {pong, M} -> ping(N - 1, Pong, (Sum + M) band 16#ffffffff) end.

pong(Ping) ->
    receive
        {ping, N} -> Ping ! {pong, N * 2}, pong(Ping);
        stop -> ok
    end.
