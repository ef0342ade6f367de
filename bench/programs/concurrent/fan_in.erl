%% 100 processes send N messages together to one.
-module(fan_in).
-export([run/1]).

run(N) ->
    Self = self(),
    Each = N div 100,
    [spawn_link(fun() -> send(Each, Self, I) end) || I <- lists:seq(1, 100)],
    collect(Each * 100, 0).

send(0, _, _) -> ok;
send(Left, To, I) -> To ! {value, I, Left}, send(Left - 1, To, I).

collect(0, Sum) -> Sum;
collect(Left, Sum) -> receive {value, I, V} -> collect(Left - 1, Sum + I + V) end.
