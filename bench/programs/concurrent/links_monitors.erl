%% N processes linked and monitored in groups of 50 that end with their leader.
-module(links_monitors).
-export([run/1]).

run(N) -> groups(N div 50, 0).

groups(0, Sum) -> Sum;
groups(Left, Sum) ->
    {Leader, Monitor} = spawn_monitor(fun leader/0),
    Members = receive {members, Leader, Pids} -> Pids after 0 -> Leader ! {who, self()}, receive {members, Leader, Pids} -> Pids end end,
    Monitors = [monitor(process, P) || P <- Members],
    Leader ! stop,
    receive {'DOWN', Monitor, process, _, stopped} -> ok end,
    Down = length([down || M <- Monitors, receive {'DOWN', M, process, _, stopped} -> true end]),
    groups(Left - 1, Sum + Down).

leader() ->
    Members = [spawn_link(fun() -> receive never -> ok end end) || _ <- lists:seq(1, 49)],
    receive {who, From} -> From ! {members, self(), Members} end,
    receive stop -> exit(stopped) end.
