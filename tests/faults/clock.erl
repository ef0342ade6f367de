-module(clock).
-export([main/0, warp/0]).

%% Ahead and back by seconds, an hour, a year: nobody waits longer or shorter, and Erlang's clocks do not follow.
main() ->
    [jump(Seconds) || Seconds <- [2, 3600, -3600, 365 * 86400, 0]],
    ok.

jump(Seconds) ->
    Os = os:system_time(second),
    System = erlang:system_time(millisecond),
    Monotonic = erlang:monotonic_time(millisecond),
    Offset = erlang:time_offset(),
    Before = now_ahead(),
    set(Seconds),
    Timer = erlang:start_timer(300, self(), due),
    receive {timeout, Timer, due} -> ok end,
    receive after 300 -> ok end,
    Passed = erlang:monotonic_time(millisecond) - Monotonic,
    io:format("~p: jumped ~p, timers ~p, system time ~p, offset ~p, now/0 ~p~n",
              [Seconds, abs(os:system_time(second) - Os - (Seconds - Before)) =< 3,
               Passed >= 600 andalso Passed < 3000,
               abs(erlang:system_time(millisecond) - System - Passed) < 100,
               erlang:time_offset() =:= Offset, now_goes_on(erlang:now())]).

now_ahead() ->
    {ok, <<Seconds:64/signed-native>>} = file:read_file(os:getenv("CLOCK")),
    Seconds.

now_goes_on(First) -> First < erlang:now().

set(Seconds) ->
    {ok, File} = file:open(os:getenv("CLOCK"), [raw, read, write]),
    ok = file:pwrite(File, 0, <<Seconds:64/signed-native>>),
    ok = file:close(File).

%% Whoever monitors the clock service is told, by the tag he wants, and Erlang's system time is the system's.
warp() ->
    Ref = erlang:monitor(time_offset, clock_service),
    Tagged = erlang:monitor(time_offset, clock_service, [{tag, {jumped, 1}}]),
    Gone = erlang:monitor(time_offset, clock_service),
    true = erlang:demonitor(Gone),
    Before = erlang:time_offset(second),
    io:format("~p~n", [erlang:system_info(time_offset)]),
    set(3600),
    io:format("~p~n", [erlang:system_flag(time_offset, finalize)]),
    receive
        {'CHANGE', Ref, time_offset, clock_service, Offset} -> io:format("told ~p~n", [near(Offset, Before)])
    after 70000 -> io:format("not told~n") end,
    receive
        {{jumped, 1}, Tagged, time_offset, clock_service, _} -> io:format("told by tag~n")
    after 1000 -> io:format("not told by tag~n") end,
    receive Other -> io:format("~p~n", [Other]) after 0 -> ok end,
    io:format("~p ~p ~p~n", [erlang:system_info(time_offset), abs(erlang:system_time(second) - os:system_time(second)) =< 1,
                             erlang:system_flag(time_offset, finalize)]).

near(Offset, Before) -> abs(erlang:convert_time_unit(Offset, native, second) - Before - 3600) =< 1.
