%% Workers that race in every way a program can: messages, a table, timers, files, monitors. What it
%% prints depends on the interleaving, and on nothing else.
-module(race).
-export([main/0]).

main() ->
    Self = self(),
    Table = ets:new(race, [public, ordered_set]),
    Workers = [spawn_monitor(fun() -> work(Self, Table, N, 30) end) || N <- lists:seq(1, 8)],
    Messages = collect(8 * 30, []),
    Ends = [receive {'DOWN', _, process, P, R} -> {length(pid_to_list(P)), R} end || _ <- Workers],
    io:format("messages ~w~ntable ~w~nends ~w~n", [erlang:phash2(Messages), erlang:phash2(ets:tab2list(Table)), Ends]),
    io:format("order ~w~n", [[N || {N, _} <- Messages]]),
    io:format("time ~w, random ~w~n", [erlang:monotonic_time() - erlang:system_info(start_time), rand:uniform(1000000)]).

work(_, _, _, 0) ->
    ok;
work(Self, Table, N, Left) ->
    ets:insert(Table, {erlang:unique_integer([monotonic]), N}),
    Self ! {N, Left},
    case Left rem 7 of
        0 -> receive after N rem 3 -> ok end;
        1 -> {ok, _} = file:get_cwd();
        2 -> {error, enoent} = file:read_file("no such file");
        _ -> lists:sum(lists:seq(1, N * 50))
    end,
    work(Self, Table, N, Left - 1).

collect(0, Messages) ->
    lists:reverse(Messages);
collect(Left, Messages) ->
    receive {_, _} = Message -> collect(Left - 1, [Message | Messages]) end.
