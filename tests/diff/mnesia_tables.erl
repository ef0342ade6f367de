%% Mnesia on one node: tables in memory and on disc, transactions that commit, abort, nest and wait, indexes,
%% dirty operations, queries, a restart, a dump and a backup.
-module(mnesia_tables).
-export([main/0]).
-include_lib("stdlib/include/qlc.hrl").
-record(person, {name, age, city}).
-record(entry, {key, value}).

main() ->
    logger:set_primary_config(level, critical),
    Dir = filename:join(element(2, file:get_cwd()), "mnesia_tables." ++ os:getpid()),
    application:set_env(mnesia, dir, Dir),
    ok = mnesia:create_schema([node()]),
    ok = mnesia:start(),
    io:format("~p~n", [mnesia:create_schema([node()])]),
    Fields = record_info(fields, person),
    [show(Kind, mnesia:create_table(Kind, [{Kind, [node()]}, {attributes, Fields}, {record_name, person}, {type, Type},
                                           {index, [city]}]))
     || {Kind, Type} <- [{ram_copies, set}, {disc_copies, ordered_set}]],
    show(disc_only, mnesia:create_table(disc_only, [{disc_only_copies, [node()]}, {attributes, record_info(fields, entry)},
                                                    {record_name, entry}, {type, bag}])),
    show(twice, mnesia:create_table(ram_copies, [])),
    show(wait, mnesia:wait_for_tables([ram_copies, disc_copies, disc_only], 5000)),
    [transactions(Table) || Table <- [ram_copies, disc_copies]],
    bags(), nested(), waiting(), queries(), subscriptions(), changes(),
    restart(Dir),
    mnesia:stop(),
    file:del_dir_r(Dir).

show(What, Result) -> io:format("~p: ~p~n", [What, Result]).

people() -> [#person{name = N, age = A, city = C} || {N, A, C} <- [{ann, 31, oslo}, {bob, 25, rome}, {eve, 40, oslo}]].

transactions(T) ->
    show(written, mnesia:transaction(fun() -> [mnesia:write(T, P, write) || P <- people()], mnesia:table_info(T, size) end)),
    show(read, mnesia:transaction(fun() -> {mnesia:read(T, bob), mnesia:read(T, nobody)} end)),
    show(aborted, mnesia:transaction(fun() -> mnesia:delete({T, bob}), mnesia:abort(because) end)),
    show(crashed, element(1, mnesia:transaction(fun() -> mnesia:delete({T, bob}), error(oops) end))),
    show(still, mnesia:dirty_read(T, bob)),
    show(index, mnesia:transaction(fun() -> lists:sort(mnesia:index_read(T, oslo, #person.city)) end)),
    show(match, mnesia:transaction(fun() -> lists:sort(mnesia:match_object(T, #person{_ = '_', city = rome}, read)) end)),
    show(select, mnesia:transaction(fun() -> lists:sort(mnesia:select(T, [{#person{name = '$1', age = '$2', _ = '_'}, [{'>', '$2', 30}], ['$1']}])) end)),
    show(fold, mnesia:transaction(fun() -> mnesia:foldl(fun(P, Sum) -> Sum + P#person.age end, 0, T) end)),
    show(keys, mnesia:transaction(fun() -> lists:sort(mnesia:all_keys(T)) end)),
    show(bad, mnesia:transaction(fun() -> mnesia:write(T, {other, 1}, write) end)),
    show(outside, catch mnesia:read(T, bob)),
    show(dirty, [mnesia:dirty_first(disc_copies), mnesia:dirty_next(disc_copies, ann), mnesia:dirty_last(disc_copies)]),
    show(sync, mnesia:sync_transaction(fun() -> mnesia:delete({T, eve}), mnesia:read(T, eve) end)),
    show(async, mnesia:async_dirty(fun() -> mnesia:write(T, #person{name = dan, age = 1}, write), mnesia:read(T, dan) end)),
    show(ets, catch mnesia:ets(fun() -> mnesia:dirty_read(T, dan) end)).

bags() ->
    T = disc_only,
    {atomic, _} = mnesia:transaction(fun() -> [mnesia:write(T, #entry{key = K rem 3, value = K}, write) || K <- lists:seq(1, 10)] end),
    show(bag, lists:sort(mnesia:dirty_read(T, 1))),
    show(object, mnesia:transaction(fun() -> mnesia:delete_object(T, #entry{key = 1, value = 4}, write), length(mnesia:read(T, 1)) end)),
    show(size, mnesia:table_info(T, size)).

nested() ->
    Outer = fun(Inner) ->
        mnesia:transaction(fun() ->
            mnesia:write(ram_copies, #person{name = outer}, write),
            Result = mnesia:transaction(Inner),
            {Result, [P#person.name || P <- mnesia:match_object(ram_copies, #person{_ = '_', age = undefined}, read)]}
        end)
    end,
    show(inner_aborts, Outer(fun() -> mnesia:write(ram_copies, #person{name = inner}, write), mnesia:abort(no) end)),
    show(inner_commits, Outer(fun() -> mnesia:write(ram_copies, #person{name = inner, age = 2}, write) end)),
    show(read, mnesia:dirty_read(ram_copies, inner)).

%% Processes that increment one counter: none is lost.
waiting() ->
    ok = mnesia:dirty_write(ram_copies, #person{name = counter, age = 0}),
    Add = fun() ->
        [P] = mnesia:read(ram_copies, counter, write),
        mnesia:write(ram_copies, P#person{age = P#person.age + 1}, write)
    end,
    Workers = [spawn_monitor(fun() -> [{atomic, ok} = mnesia:transaction(Add) || _ <- lists:seq(1, 50)] end) || _ <- lists:seq(1, 8)],
    [receive {'DOWN', Ref, process, _, Reason} -> normal = Reason end || {_, Ref} <- Workers],
    show(counted, (hd(mnesia:dirty_read(ram_copies, counter)))#person.age),
    {atomic, _} = mnesia:create_table(counters, [{attributes, [k, v]}]),
    show(counter, [mnesia:dirty_update_counter(counters, c, N) || N <- [5, -2, 10]]).

queries() ->
    {atomic, _} = mnesia:transaction(fun() -> [mnesia:write(disc_copies, P, write) || P <- people()] end),
    Query = fun() ->
        qlc:e(qlc:q([{A#person.name, B#entry.value} || A <- mnesia:table(disc_copies), A#person.age =/= 1,
                                                      B <- mnesia:table(disc_only), B#entry.key =:= A#person.age rem 3]))
    end,
    show(join, mnesia:transaction(fun() -> lists:sort(Query()) end)),
    show(sorted, mnesia:transaction(fun() -> qlc:e(qlc:keysort(3, qlc:q([P || P <- mnesia:table(disc_copies)]))) end)).

subscriptions() ->
    {ok, _} = mnesia:subscribe({table, disc_copies, detailed}),
    {atomic, ok} = mnesia:transaction(fun() -> mnesia:write(disc_copies, #person{name = sub, age = 3}, write), mnesia:delete({disc_copies, sub}) end),
    [receive {mnesia_table_event, {What, T, New, Old, _}} -> show(What, {T, New, Old}) after 1000 -> show(no, event) end || _ <- [1, 2]],
    show(unsubscribed, mnesia:unsubscribe({table, disc_copies, detailed})).

changes() ->
    show(index, mnesia:add_table_index(disc_copies, age)),
    show(again, mnesia:add_table_index(disc_copies, age)),
    show(transform, mnesia:transform_table(disc_only, fun({entry, K, V}) -> {entry, K, V * 10} end, [key, value])),
    show(moved, mnesia:change_table_copy_type(ram_copies, node(), disc_copies)),
    show(values, lists:sort([V || {entry, _, V} <- mnesia:dirty_match_object(disc_only, {entry, '_', '_'})])).

restart(Dir) ->
    Tables = [ram_copies, disc_copies, disc_only, counters],
    Contents = fun() -> [{T, lists:sort(mnesia:dirty_match_object(T, mnesia:table_info(T, wild_pattern)))} || T <- Tables] end,
    Before = Contents(),
    show(dump, mnesia:dump_log()),
    ok = mnesia:backup(Dir ++ ".backup"),
    stopped = mnesia:stop(),
    ok = mnesia:start(),
    ok = mnesia:wait_for_tables(Tables, 5000),
    [show({T, after_restart}, Contents) || {{T, Contents}, {T, _}} <- lists:zip(Contents(), Before)],
    mnesia:clear_table(disc_copies),
    show(cleared, mnesia:table_info(disc_copies, size)),
    {atomic, Restored} = mnesia:restore(Dir ++ ".backup", [{default_op, recreate_tables}, {skip_tables, [counters]}]),
    show(restored, lists:sort(Restored)),
    ok = mnesia:wait_for_tables(Tables, 5000),
    show(same, [mnesia:table_info(T, size) || T <- Tables]),
    file:delete(Dir ++ ".backup"),
    show(delete, [mnesia:delete_table(T) || T <- Tables]),
    show(left, mnesia:system_info(tables)).
