%% Measures natives: `overhead`, `wake [CALLS]`, `scaling`. Started by `cargo xtask natives NAME`; each prints
%% one line a figure: a name, a tab, a number.
-module(measure_natives).
-export([main/1]).

main(["overhead"]) ->
    [report("overhead " ++ atom_to_list(M), lists:min([overhead(M) || _ <- lists:seq(1, 7)]), "ns a call")
     || M <- modules()];
main(["wake", Calls, Idle]) ->
    %% Without load, then beside 100 processes that call a native of 50 ms that nobody has declared long.
    _ = delays(500),
    report_delays("wake idle", delays(list_to_integer(Idle))),
    [wake(M, list_to_integer(Calls)) || M <- modules()];
main(["scaling"]) ->
    [scaling(M) || M <- modules(), M =/= cnif].

%% The plugin, where there is one, and the library for erl_nif.h.
modules() -> [M || M <- [hashes, cnif], {module, M} =:= code:ensure_loaded(M)].

report(What, Value, Unit) -> io:format("~ts\t~.2f\t~ts~n", [What, float(Value), Unit]).

%% Nanoseconds of the processor's time for a call of a trivial native, the loop around it taken off: what others do
%% on the machine does not count.
overhead(Module) ->
    N = 5000000,
    Empty = spent(fun() -> empty(N, 0) end),
    Full = spent(case Module of
                     hashes -> fun() -> plugin(N, 0) end;
                     cnif -> fun() -> nif(N, 0) end
                 end),
    (Full - Empty) * 1.0e6 / N.

spent(Fun) ->
    Before = cpu(),
    _ = time(Fun),
    cpu() - Before.

time(Fun) ->
    Self = self(),
    spawn_link(fun() ->
        T0 = erlang:monotonic_time(nanosecond),
        Fun(),
        Self ! {time, erlang:monotonic_time(nanosecond) - T0}
    end),
    receive {time, T} -> T end.

empty(0, X) -> X;
empty(N, X) -> empty(N - 1, X + 1).
plugin(0, X) -> X;
plugin(N, X) -> plugin(N - 1, hashes:increment(X)).
nif(0, X) -> X;
nif(N, X) -> nif(N - 1, cnif:increment(X)).

wake(Module, Calls) ->
    Self = self(),
    Each = max(1, Calls div 100),
    %% The first few calls show what it is.
    [spawn(fun() -> Module:spin(50000), Self ! warm end) || _ <- lists:seq(1, 4)],
    [receive warm -> ok end || _ <- lists:seq(1, 4)],
    T0 = erlang:monotonic_time(millisecond),
    Pids = [spawn_link(fun() -> [Module:spin(50000) || _ <- lists:seq(1, Each)], Self ! {done, self()} end)
            || _ <- lists:seq(1, 100)],
    Measured = delays_while(Pids),
    Took = erlang:monotonic_time(millisecond) - T0,
    report_delays("wake beside " ++ atom_to_list(Module), Measured),
    report("wake beside " ++ atom_to_list(Module) ++ " calls a second", 100 * Each * 1000 / Took, "").

%% Microseconds from when a message was due until the process that waits for it runs: timers are set ahead, so
%% that a stall counts for each of them that falls into it.
delays(Count) ->
    Echo = echo(),
    Start = erlang:monotonic_time(millisecond) + 10,
    [erlang:send_after(Start + 2 * N, Echo, {tick, Start + 2 * N}, [{abs, true}]) || N <- lists:seq(1, Count)],
    receive after 2 * Count + 100 -> ok end,
    stop(Echo).

delays_while(Pids) ->
    Echo = echo(),
    Ticker = spawn_link(fun() -> ticks(Echo, erlang:monotonic_time(millisecond) + 10) end),
    [receive {done, Pid} -> ok end || Pid <- Pids],
    unlink(Ticker),
    exit(Ticker, kill),
    stop(Echo).

%% A second of timers at a time, each second half a second before it begins.
ticks(Echo, Start) ->
    [erlang:send_after(Start + 2 * N, Echo, {tick, Start + 2 * N}, [{abs, true}]) || N <- lists:seq(1, 500)],
    receive after max(0, Start + 500 - erlang:monotonic_time(millisecond)) -> ok end,
    ticks(Echo, Start + 1000).

echo() -> Self = self(), spawn_link(fun() -> echo_loop(Self, []) end).
echo_loop(Owner, Delays) ->
    receive
        {tick, Due} -> echo_loop(Owner, [erlang:monotonic_time(microsecond) - Due * 1000 | Delays]);
        stop -> Owner ! {delays, Delays}
    end.

stop(Echo) ->
    Echo ! stop,
    receive {delays, Delays} -> Delays end.

%% Of how many messages, and how late: where the process that sets the timers is not run, they are few.
report_delays(What, Delays) ->
    Sorted = lists:sort(Delays),
    report(What ++ " messages", length(Sorted), ""),
    [report(io_lib:format("~ts p~ts", [What, Name]), lists:nth(max(1, ceil(length(Sorted) * Part)), Sorted), "us")
     || {Name, Part} <- [{"50", 0.5}, {"99", 0.99}, {"99.9", 0.999}], Sorted =/= []].

%% Digests of large binaries by one process, and by as many as there are cores.
scaling(Module) ->
    Data = binary:copy(<<"0123456789abcdef">>, 1 bsl 18),
    Cores = erlang:system_info(logical_processors_available),
    N = 60,
    Work = fun(Count) ->
        Self = self(),
        [spawn_link(fun() -> [Module:sha256(Data) || _ <- lists:seq(1, N)], Self ! done end) || _ <- lists:seq(1, Count)],
        [receive done -> ok end || _ <- lists:seq(1, Count)]
    end,
    Work(1),
    {_, Cpu0} = {x, cpu()},
    One = time(fun() -> Work(1) end),
    Cpu1 = cpu(),
    All = time(fun() -> Work(Cores) end),
    Cpu2 = cpu(),
    Bytes = N * byte_size(Data),
    report("scaling one process", Bytes / One, "GB/s"),
    report("scaling all cores", Cores * Bytes / All, "GB/s"),
    report("scaling speed-up", Cores * One / All, "of " ++ integer_to_list(Cores)),
    report("scaling cores busy", (Cpu2 - Cpu1) * 1.0e6 / (All / 1.0), "of " ++ integer_to_list(Cores)),
    report("scaling cores busy, one process", (Cpu1 - Cpu0) * 1.0e6 / (One / 1.0), "of " ++ integer_to_list(Cores)).

%% Milliseconds of the processor's time.
cpu() -> {Total, _} = statistics(runtime), Total.
