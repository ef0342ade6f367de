-module(full_disk).
-export([main/0]).

main() ->
    io:format("~p~n", [file:write_file("/dev/full", <<"abc">>)]),
    [begin
        {ok, F} = file:open("/dev/full", [write | O]),
        W = file:write(F, <<"abc">>),
        S = file:datasync(F),
        C = file:close(F),
        io:format("~p ~p ~p ~p~n", [O, W, S, C])
     end || O <- [[raw], [], [raw, delayed_write], [delayed_write], [raw, append]]],
    {ok, F} = file:open("/dev/full", [write]),
    io:format("~p~n", [file:write(F, <<"again">>)]),
    io:format("~p~n", [try io:format(F, "text", []) catch C:R -> {C, R} end]),
    io:format("~p~n", [file:copy("/etc/passwd", "/dev/full")]),
    io:format("~p~n", [element(1, dets:open_file(t, [{file, "/dev/full"}]))]),
    io:format("~p~n", [element(1, disk_log:open([{name, l}, {file, "/dev/full"}]))]).
