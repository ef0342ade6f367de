%% Microstate accounting: counts while it is on, and for every kind of thread the same states.
-module(microstates).
-export([main/0]).

main() ->
    io:format("~p~n", [all_zero()]),
    io:format("~p~n", [erlang:system_flag(microstate_accounting, true)]),
    work(),
    Threads = statistics(microstate_accounting),
    io:format("~p~n", [lists:usort([maps:keys(C) || #{counters := C} <- Threads])]),
    io:format("~p~n", [lists:usort([maps:keys(T) || T <- Threads])]),
    Schedulers = lists:sort([Id || #{type := scheduler, id := Id} <- Threads]),
    io:format("~p~n", [Schedulers =:= lists:seq(1, erlang:system_info(schedulers))]),
    [io:format("~p ~p~n", [State, sum(State, Threads) > 0]) || State <- [aux, emulator, gc, port, sleep]],
    io:format("~p~n", [erlang:system_flag(microstate_accounting, false)]),
    Stopped = statistics(microstate_accounting),
    work(),
    io:format("~p~n", [lists:sort(Stopped) =:= lists:sort(statistics(microstate_accounting))]),
    io:format("~p~n", [erlang:system_flag(microstate_accounting, reset)]),
    io:format("~p~n", [all_zero()]),
    {'EXIT', {Reason, _}} = (catch erlang:system_flag(microstate_accounting, perhaps)),
    io:format("~p~n", [Reason]).

work() ->
    lists:foreach(fun(_) -> erlang:garbage_collect() end, lists:seq(1, 20)),
    Port = open_port({spawn, "cat"}, [binary]),
    Port ! {self(), {command, <<"hello">>}},
    receive {Port, {data, _}} -> port_close(Port) end,
    timer:sleep(20).

sum(State, Threads) ->
    lists:sum([maps:get(State, C) || #{counters := C} <- Threads]).

all_zero() ->
    lists:usort(lists:append([maps:values(C) || #{counters := C} <- statistics(microstate_accounting)])) =:= [0].
