%% What erlang:system_profile/0,2 list: never the kind of timestamp, which messages have at any rate.
-module(system_profile).
-export([main/0]).

main() ->
    Profiler = spawn(fun() -> loop(none) end),
    All = [[scheduler], [scheduler, timestamp], [exclusive, timestamp, runnable_ports],
           [runnable_ports, runnable_procs, monotonic_timestamp],
           [strict_monotonic_timestamp, runnable_ports, exclusive, scheduler], [timestamp]],
    [begin
         io:format("~p ", [erlang:system_profile(Profiler, Options)]),
         {Profiler, Listed} = erlang:system_profile(),
         {Profiler, Listed} = erlang:system_profile(undefined, []),
         io:format("~p~n", [Listed])
     end || Options <- All],
    io:format("~p~n", [erlang:system_profile()]),
    [stamp(Profiler, Options) || Options <- [[], [timestamp], [monotonic_timestamp], [strict_monotonic_timestamp]]].

stamp(Profiler, Options) ->
    %% Not what is told late of the time when other options held.
    receive after 50 -> Profiler ! reset end,
    erlang:system_profile(Profiler, [runnable_procs | Options]),
    spawn(fun() -> ok end),
    erlang:yield(),
    Profiler ! {tell, self()},
    receive
        {stamp, {_, _, _}} -> io:format("~p: a tuple of three~n", [Options]);
        {stamp, {Time, Unique}} when is_integer(Time), is_integer(Unique) -> io:format("~p: two integers~n", [Options]);
        {stamp, Time} when is_integer(Time) -> io:format("~p: an integer~n", [Options])
    end,
    erlang:system_profile(undefined, []).

loop(Stamp) ->
    receive
        {profile, _, _, _, New} -> loop(New);
        {tell, Who} when Stamp =:= none -> self() ! {tell, Who}, erlang:yield(), loop(Stamp);
        {tell, Who} -> Who ! {stamp, Stamp}, loop(Stamp);
        reset -> loop(none)
    end.
