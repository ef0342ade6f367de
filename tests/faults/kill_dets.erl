-module(kill_dets).
-export([write/0, check/0]).

write() ->
    {ok, T} = dets:open_file(table, [{file, "table.dets"}, {auto_save, 100}]),
    write(T, 1).

write(T, N) ->
    ok = dets:insert(T, {N, lists:duplicate(N rem 50, N)}),
    if
        N rem 100 =:= 0 -> ok = dets:sync(T), io:format("~b~n", [N]);
        true -> ok
    end,
    write(T, N + 1).

check() ->
    {ok, Text} = file:read_file("written"),
    Lines = [L || L <- binary:split(Text, <<"\n">>, [global]), L =/= <<>>],
    Synced = binary_to_integer(lists:last(Lines)),
    {ok, T} = dets:open_file(table, [{file, "table.dets"}]),
    Missing = [N || N <- lists:seq(1, Synced), dets:lookup(T, N) =/= [{N, lists:duplicate(N rem 50, N)}]],
    io:format("some were synced: ~p, missing of them: ~p~n", [Synced > 0, Missing]),
    ok = dets:insert(T, {new, 1}),
    ok = dets:close(T).
