%% As long as processes of a higher priority want to run, those of a lower one do not.
-module(priorities).
-export([main/0]).

main() ->
    process_flag(priority, max),
    starved(max, high),
    starved(max, normal),
    starved(high, normal),
    starved(high, low).

%% More processes than schedulers that want to run for ever, and one of a lower priority beside them.
starved(Priority, Lower) ->
    Flags = atomics:new(2, []),
    Main = self(),
    Busy = fun() -> Main ! {busy, self()}, spin(Flags) end,
    Busies = [spawn_opt(Busy, [{priority, Priority}, monitor]) || _ <- lists:seq(1, 4 * erlang:system_info(schedulers))],
    [receive {busy, Pid} -> ok end || {Pid, _} <- Busies],
    {Pid, Ref} = spawn_opt(fun() -> atomics:put(Flags, 2, 1) end, [{priority, Lower}, monitor]),
    receive after 100 -> ok end,
    Meanwhile = ran(atomics:get(Flags, 2)),
    % Whoever prints is of normal priority, too.
    atomics:put(Flags, 1, 1),
    io:format("~p beside ~p: ~p~n", [Lower, Priority, Meanwhile]),
    receive {'DOWN', Ref, process, Pid, Reason} -> io:format("~p~n", [Reason]) end,
    io:format("~p~n", [ran(atomics:get(Flags, 2))]),
    [receive {'DOWN', R, process, P, normal} -> ok end || {P, R} <- Busies].

spin(Flags) ->
    case atomics:get(Flags, 1) of
        0 -> spin(Flags);
        1 -> ok
    end.

ran(0) -> waits;
ran(1) -> ran.
