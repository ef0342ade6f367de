%% N processes, one after the other: spawned with a monitor, a message there and back, ended.
-module(spawn_churn).
-export([run/1]).

run(N) -> churn(N, 0).

churn(0, Sum) -> Sum;
churn(N, Sum) ->
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> receive {From, X} -> From ! X + 1 end end),
    Pid ! {Self, N},
    X = receive V when is_integer(V) -> V end,
    receive {'DOWN', Monitor, process, Pid, normal} -> churn(N - 1, (Sum + X) band 16#ffffffff) end.
