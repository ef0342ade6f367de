-module(descriptors).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    % loaded before there is nothing left to load it with
    [code:ensure_loaded(M) || M <- [gen_tcp, gen_udp, inet_tcp, inet_udp, inet_db, os, filename, io_lib_pretty, prim_inet]],
    {ok, L0} = gen_tcp:listen(0, []), gen_tcp:close(L0),
    Files = take([]),
    io:format("files: many ~p~n", [length(Files) > 20]),
    io:format("open ~p~n", [element(2, file:open("/dev/null", [read, raw]))]),
    io:format("read_file ~p~n", [file:read_file("/etc/hostname")]),
    io:format("list_dir ~p~n", [file:list_dir("/etc")]),
    io:format("file server ~p~n", [file:open("/dev/null", [read])]),
    io:format("listen ~p~n", [gen_tcp:listen(0, [])]),
    io:format("udp ~p~n", [gen_udp:open(0)]),
    io:format("connect ~p~n", [gen_tcp:connect({127, 0, 0, 1}, 1, [])]),
    io:format("port ~p~n", [try open_port({spawn, "true"}, []) catch C:R -> {C, R} end]),
    io:format("still ~p~n", [[X * 2 || X <- [1, 2, 3]]]),
    [ok = file:close(F) || F <- Files],
    {ok, L} = gen_tcp:listen(0, [{active, false}]),
    {ok, Number} = inet:port(L),
    More = take([]),
    [H1, H2 | Rest] = More,
    ok = file:close(H1), ok = file:close(H2),
    {ok, S} = gen_tcp:connect({127, 0, 0, 1}, Number, [{active, false}]),
    io:format("accepted ~p~n", [element(1, gen_tcp:accept(L, 2000))]),
    {ok, _} = file:open("/dev/null", [read, raw]) =:= x orelse ok,
    [ok = file:close(F) || F <- Rest],
    ok = gen_tcp:close(S),
    io:format("os:cmd ~p~n", [os:cmd("echo hello")]).

take(Files) ->
    case file:open("/dev/null", [read, raw]) of
        {ok, F} -> take([F | Files]);
        {error, emfile} -> Files
    end.
