%% Natives whose work is too long for a scheduler give the same as short ones: walks through large tables,
%% subtraction and joining of long lists, lists of long binaries. Half of them from several processes at once.
-module(long_work).
-export([main/0, waits/0]).

-define(ROWS, 60000).

main() ->
    tables(),
    lists_(),
    binaries(),
    questions().

tables() ->
    [table(Kind) || Kind <- [set, ordered_set, bag, duplicate_bag]],
    ok.

table(Kind) ->
    Table = ets:new(rows, [Kind, public]),
    [ets:insert(Table, {I * 7919 rem 1000003, I}) || I <- lists:seq(1, ?ROWS)],
    Walks = [
        fun() -> erlang:phash2(ets:select(Table, [{{'$1', '$2'}, [{'>', '$2', 100}], ['$1']}])) end,
        fun() -> erlang:phash2(ets:tab2list(Table)) end,
        fun() -> erlang:phash2(ets:match(Table, {'$2', '$1'})) end,
        fun() -> ets:select_count(Table, [{{'_', '$1'}, [{'<', '$1', 1000}], [true]}]) end,
        fun() -> ets:foldl(fun({_, I}, Sum) -> Sum + I end, 0, Table) end
    ],
    io:format("~p ~p~n", [Kind, at_once(Walks)]),
    Fails = catch ets:select(Table, [{{'$1', '$2'}, [{'+', '$1', a}], ['$1']}]),
    io:format("~p~n", [Fails]),
    io:format("~p~n", [ets:select_delete(Table, [{{'_', '$1'}, [{'<', '$1', 1000}], [true]}])]),
    Kind =:= bag orelse
        io:format("~p~n", [ets:select_replace(Table, [{{'$1', '$2'}, [{'>', '$2', 59000}], [{{'$1', new}}]}])]),
    io:format("~p ~p~n", [ets:info(Table, size), length(ets:match_object(Table, {'_', new}))]),
    ets:delete(Table).

lists_() ->
    Long = [I * 31 rem 50021 || I <- lists:seq(1, 90000)],
    Other = [case I rem 3 of 0 -> float(I); 1 -> I; 2 -> {I} end || I <- lists:seq(1, 60000)],
    Results = at_once([
        fun() -> erlang:phash2(Long -- Other) end,
        fun() -> erlang:phash2(Other -- Long) end,
        fun() -> length(Long -- Long) end,
        fun() -> erlang:phash2(Long -- [5, 7, 5, none]) end,
        fun() -> length([1, 2, 3] -- Long) end,
        fun() -> erlang:phash2(lists:append([Long, Other, Long]) ++ tail) end
    ]),
    io:format("~p~n", [Results]),
    io:format("~p ~p~n", [catch_class(fun() -> Long -- (Other ++ x) end), catch_class(fun() -> (Long ++ x) ++ [] end)]).

binaries() ->
    Binary = binary:copy(<<1, 2, 3, 4, 5, 6, 7, 255>>, 40000),
    Results = at_once([
        fun() -> erlang:phash2(binary_to_list(Binary)) end,
        fun() -> erlang:phash2(binary_to_list(Binary, 3, 310001)) end,
        fun() -> lists:last(bitstring_to_list(<<Binary/binary, 5:3>>)) end,
        fun() -> list_to_binary(binary_to_list(Binary)) =:= Binary end
    ]),
    io:format("~p~n", [Results]).

%% A process that waits is asked again and again.
questions() ->
    Pid = spawn(fun waits/0),
    Keys = [current_function, status, message_queue_len, links, trap_exit, dictionary, priority, registered_name],
    ready(Pid),
    First = process_info(Pid, Keys),
    io:format("~p~n", [First]),
    [First = process_info(Pid, Keys) || _ <- lists:seq(1, 20000)],
    {memory, Memory} = process_info(Pid, memory),
    io:format("~p~n", [Memory < 200000]),
    Pid ! keep,
    ready(Pid),
    io:format("~p ~p~n", [process_info(Pid, message_queue_len), process_info(Pid, messages)]),
    Pid ! hibernate,
    ready(Pid),
    io:format("~p~n", [process_info(Pid, [current_function, status, messages])]),
    erlang:suspend_process(Pid),
    io:format("~p~n", [process_info(Pid, status)]),
    erlang:resume_process(Pid),
    exit(Pid, kill),
    io:format("~p~n", [process_info(Pid, status)]).

waits() ->
    put(key, {"a", value}),
    receive
        hibernate -> erlang:hibernate(?MODULE, waits, [])
    end.

%% Until it waits and nothing is on its way.
ready(Pid) ->
    case process_info(Pid, status) of
        {status, waiting} -> ok;
        _ -> erlang:yield(), ready(Pid)
    end.

catch_class(F) ->
    try F() of _ -> ok catch C:R -> {C, R} end.

at_once(Funs) ->
    Pids = [spawn_monitor(fun() -> exit({result, F()}) end) || F <- Funs],
    [receive {'DOWN', M, process, P, {result, R}} -> R end || {P, M} <- Pids].
