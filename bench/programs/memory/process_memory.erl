%% N processes alive and waiting at once: the bytes each takes, then all are woken and ended.
-module(process_memory).
-export([run/1]).

run(N) ->
    erlang:garbage_collect(),
    Before = resident(),
    Start = erlang:monotonic_time(microsecond),
    Pids = [spawn_link(fun() -> receive {ping, From} -> From ! pong end end) || _ <- lists:seq(1, N)],
    Spawned = erlang:monotonic_time(microsecond),
    Bytes = (resident() - Before) div N,
    Woken = erlang:monotonic_time(microsecond),
    [P ! {ping, self()} || P <- Pids],
    Count = count(N, 0),
    End = erlang:monotonic_time(microsecond),
    {Count, [
        {bytes_a_process, Bytes},
        {spawn_nanoseconds, (Spawned - Start) * 1000 div N},
        {wake_nanoseconds, (End - Woken) * 1000 div N}
    ]}.

count(0, Sum) -> Sum;
count(Left, Sum) -> receive pong -> count(Left - 1, Sum + 1) end.

%% Bytes resident: what the operating system gave, not what the runtime says of itself.
resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:lexemes(Text, " "),
    binary_to_integer(Pages) * 4096.
