%% Runs a program and says how long it took. Every program here is a module with run/1: it does the work of
%% size N and returns a checksum, an integer that must be the same on every runtime, or {Checksum, Figures}
%% with figures of its own, a list of {Name, Number} or {Name, {histogram, [{Low, Count}]}}. One that exports
%% prepare/1 gets what that returns instead of N; preparing is not in the time.
%%
%%   erl -noshell -pa DIR -run timed main MODULE N RUNS
%%
%% prints one line for each run: `run MICROSECONDS CPU_MILLISECONDS CHECKSUM`, then `figure NAME NUMBER` or
%% `histogram NAME LOW:COUNT ...` for those of the last run, and `peak KILOBYTES`. Each run has a process of its own, so that it starts with an
%% empty heap; starting the emulator and loading the program are not in the time.
-module(timed).
-export([main/1, latencies/2]).

main([Module, Size, Runs]) ->
    Program = list_to_atom(Module),
    {module, Program} = code:ensure_loaded(Program),
    N = list_to_integer(Size),
    Figures = runs(Program, N, list_to_integer(Runs), []),
    lists:foreach(fun figure/1, Figures),
    io:format("peak ~b~n", [peak()]),
    halt(0).

figure({Name, {histogram, Counts}}) ->
    io:format("histogram ~s~s~n", [Name, [io_lib:format(" ~b:~b", [Low, Count]) || {Low, Count} <- Counts]]);
figure({Name, Number}) ->
    io:format("figure ~s ~w~n", [Name, Number]).

runs(_, _, 0, Figures) ->
    Figures;
runs(Program, N, Left, _) ->
    {Time, Cpu, Result} = once(Program, N),
    {Sum, Figures} =
        case Result of
            {_, _} -> Result;
            _ -> {Result, []}
        end,
    io:format("run ~b ~b ~b~n", [Time, Cpu, Sum]),
    runs(Program, N, Left - 1, Figures).

once(Program, N) ->
    Argument =
        case erlang:function_exported(Program, prepare, 1) of
            true -> Program:prepare(N);
            false -> N
        end,
    Cpu = cpu(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        Start = erlang:monotonic_time(microsecond),
        Result = Program:run(Argument),
        exit({done, erlang:monotonic_time(microsecond) - Start, Result})
    end),
    receive
        {'DOWN', Monitor, process, Pid, {done, Time, Result}} ->
            {Time, cpu() - Cpu, Result};
        {'DOWN', Monitor, process, Pid, Other} ->
            io:format("failed ~tp~n", [Other]),
            halt(1)
    end.

%% User and system time of all threads of this operating system process so far, in milliseconds: the 14th and
%% 15th field of /proc/self/stat, in hundredths of a second. The second field may hold blanks.
cpu() ->
    {ok, Stat} = file:read_file("/proc/self/stat"),
    [_, Behind] = string:split(Stat, ") ", trailing),
    Fields = string:lexemes(Behind, " "),
    10 * (binary_to_integer(lists:nth(12, Fields)) + binary_to_integer(lists:nth(13, Fields))).

%% The most memory this operating system process ever had resident, in kilobytes.
peak() ->
    {ok, Status} = file:read_file("/proc/self/status"),
    {match, [Kilobytes]} = re:run(Status, "VmHWM:\\s+(\\d+)", [{capture, all_but_first, list}]),
    list_to_integer(Kilobytes).

%% Figures and a histogram of a sorted list of nanoseconds.
latencies(Name, Times) ->
    All = list_to_tuple(Times),
    At = fun(Part) -> element(1 + trunc((tuple_size(All) - 1) * Part), All) end,
    Buckets = lists:foldl(fun(T, M) -> maps:update_with(bucket(T), fun(C) -> C + 1 end, 1, M) end, #{}, Times),
    [
        {p50_ns, At(0.5)}, {p99_ns, At(0.99)}, {p999_ns, At(0.999)}, {max_ns, At(1.0)},
        {Name, {histogram, lists:sort(maps:to_list(Buckets))}}
    ].

%% The lowest value of the bucket that V falls in: four from each power of two to the next.
bucket(V) -> bucket(V, 0).

bucket(V, Shift) when V < 8 -> V bsl Shift;
bucket(V, Shift) -> bucket(V bsr 1, Shift + 1).
