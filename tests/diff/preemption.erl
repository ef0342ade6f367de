%% Busy processes do not keep others from running; priorities are respected in the long run.
-module(preemption).
-export([main/0]).

main() ->
    Busy = [spawn(fun() -> spin(0) end) || _ <- lists:seq(1, 20)],
    Me = self(),
    T0 = erlang:monotonic_time(millisecond),
    [begin spawn(fun() -> Me ! {pong, N} end), receive {pong, N} -> ok end end || N <- lists:seq(1, 20)],
    io:format("~p~n", [erlang:monotonic_time(millisecond) - T0 < 20000]),
    High = spawn_opt(fun() -> receive {F, ask} -> F ! answer end end, [{priority, high}]),
    High ! {Me, ask},
    io:format("~p~n", [receive answer -> answer after 5000 -> starved end]),
    Low = spawn_opt(fun() -> Me ! low_ran end, [{priority, low}]),
    io:format("~p~n", [receive low_ran -> is_pid(Low) after 20000 -> starved end]),
    io:format("~p~n", [lists:usort([exit(B, kill) || B <- Busy])]),
    Long = spawn(fun() -> Me ! {sorted, length(lists:sort([rand:uniform(1000000) || _ <- lists:seq(1, 100000)]))} end),
    io:format("~p~n", [receive {sorted, N} -> {is_pid(Long), N} end]).

spin(N) -> spin(N + 1).
