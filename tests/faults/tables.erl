-module(tables).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Sleep = fun() -> receive stop -> ok end end,
    {Why, Pids} = until(fun() -> spawn(Sleep) end, []),
    io:format("processes ~p ~p~n", [Why, length(Pids) > 800]),
    [io:format("~p ~p~n", [Name, try F() catch C:R -> {C, R} end]) || {Name, F} <- [
        {spawn_link, fun() -> spawn_link(Sleep) end},
        {spawn_monitor, fun() -> spawn_monitor(Sleep) end},
        {spawn_opt, fun() -> spawn_opt(Sleep, [link, {priority, low}]) end},
        {timer, fun() -> is_reference(erlang:start_timer(1, self(), x)) end}]],
    [P ! stop || P <- Pids],
    wait(fun() -> erlang:system_info(process_count) < 100 end),
    io:format("again ~p~n", [is_pid(spawn(Sleep))]),
    {Why2, Tables} = until(fun() -> ets:new(t, []) end, []),
    io:format("tables ~p ~p~n", [Why2, length(Tables) > 800]),
    [ets:delete(T) || T <- Tables],
    io:format("again ~p~n", [is_reference(ets:new(t, []))]),
    {Why3, Ports} = until(fun() -> erlang:open_port({spawn_driver, "ram_file_drv"}, [binary]) end, []),
    io:format("ports ~p ~p~n", [Why3, length(Ports) > 800]),
    io:format("tcp ~p~n", [gen_tcp:listen(0, [])]),
    [port_close(P) || P <- Ports],
    io:format("again ~p~n", [is_port(erlang:open_port({spawn_driver, "ram_file_drv"}, [binary]))]).

until(_, L) when length(L) > 40000 -> {none, L};
until(F, L) ->
    try F() of X -> until(F, [X | L]) catch C:R -> {{C, R}, L} end.

wait(F) ->
    case F() of true -> ok; false -> timer:sleep(20), wait(F) end.
