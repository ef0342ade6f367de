-module(kill_mnesia).
-export([create/0, write/0, check/0]).

create() ->
    ok = mnesia:create_schema([node()]),
    ok = mnesia:start(),
    {atomic, ok} = mnesia:create_table(account, [{disc_copies, [node()]}, {attributes, [id, amount]}]),
    {atomic, ok} = mnesia:create_table(entry, [{disc_only_copies, [node()]}, {attributes, [id, text]}]),
    {atomic, ok} = mnesia:transaction(fun() -> [mnesia:write({account, N, 100}) || N <- lists:seq(1, 10)], ok end),
    stopped = mnesia:stop().

write() ->
    ok = mnesia:start(),
    ok = mnesia:wait_for_tables([account, entry], 10000),
    write(mnesia:table_info(entry, size) + 1).

%% The sum of all accounts stays the same; an entry is in the same transaction.
write(N) ->
    From = N rem 10 + 1,
    To = (N * 7) rem 10 + 1,
    {atomic, ok} = mnesia:transaction(fun() ->
        [{account, From, A}] = mnesia:wread({account, From}),
        ok = mnesia:write({account, From, A - 1}),
        [{account, To, B}] = mnesia:wread({account, To}),
        ok = mnesia:write({account, To, B + 1}),
        mnesia:write({entry, N, lists:duplicate(N rem 20, $x)})
    end),
    if
        N rem 20 =:= 0 -> ok = mnesia:sync_log(), io:format("~b~n", [N]);
        true -> ok
    end,
    write(N + 1).

check() ->
    {ok, Text} = file:read_file("written"),
    Lines = [L || L <- binary:split(Text, <<"\n">>, [global]), L =/= <<>>],
    Synced = binary_to_integer(lists:last(Lines)),
    ok = mnesia:start(),
    ok = mnesia:wait_for_tables([account, entry], 30000),
    {atomic, Sum} = mnesia:transaction(fun() -> mnesia:foldl(fun({account, _, A}, S) -> A + S end, 0, account) end),
    Missing = [N || N <- lists:seq(1, Synced), mnesia:dirty_read(entry, N) =:= []],
    io:format("sum: ~p, some were synced: ~p, missing of them: ~p~n", [Sum, Synced > 0, Missing]),
    stopped = mnesia:stop().
