-module(kill_disk_log).
-export([write/0, check/0]).

write() ->
    {ok, log} = disk_log:open([{name, log}, {file, "terms.log"}]),
    write(1).

write(N) ->
    ok = disk_log:log(log, {N, lists:duplicate(N rem 50, N)}),
    if
        N rem 100 =:= 0 -> ok = disk_log:sync(log), io:format("~b~n", [N]);
        true -> ok
    end,
    write(N + 1).

check() ->
    {ok, Text} = file:read_file("written"),
    Lines = [L || L <- binary:split(Text, <<"\n">>, [global]), L =/= <<>>],
    Synced = binary_to_integer(lists:last(Lines)),
    Opened = disk_log:open([{name, log}, {file, "terms.log"}]),
    io:format("~p~n", [element(1, Opened)]),
    Terms = read(disk_log:chunk(log, start)),
    io:format("in order: ~p, all synced: ~p~n",
        [Terms =:= [{N, lists:duplicate(N rem 50, N)} || N <- lists:seq(1, length(Terms))], length(Terms) >= Synced]),
    ok = disk_log:log(log, new),
    ok = disk_log:close(log).

read(eof) -> [];
read({error, Why}) -> [{error, Why}];
read({C, Terms}) -> Terms ++ read(disk_log:chunk(log, C));
read({C, Terms, _Bad}) -> Terms ++ read(disk_log:chunk(log, C)).
