%% TCP on the loop-back interface: passive and active, packet modes, closing, refusals.
-module(tcp_loopback).
-export([main/0]).

main() ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {packet, 4}]),
    {ok, Port} = inet:port(L),
    Me = self(),
    spawn(fun() -> {ok, S} = gen_tcp:accept(L), server(S), Me ! server_done end),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}, {packet, 4}]),
    io:format("~p~n", [[begin ok = gen_tcp:send(C, M), gen_tcp:recv(C, 0, 5000) end || M <- [<<"a">>, "list", [<<"io">>, "list"], <<>>]]]),
    Big = binary:copy(<<"0123456789">>, 100000),
    ok = gen_tcp:send(C, Big),
    {ok, Back} = gen_tcp:recv(C, 0, 10000),
    io:format("~p~n", [Back =:= Big]),
    inet:setopts(C, [{active, once}]),
    gen_tcp:send(C, "active"),
    io:format("~p~n", [receive {tcp, C, D} -> D after 5000 -> none end]),
    io:format("~p~n", [inet:getopts(C, [active, packet])]),
    io:format("~p~n", [element(1, element(2, inet:peername(C)))]),
    gen_tcp:shutdown(C, write),
    io:format("~p~n", [gen_tcp:recv(C, 0, 5000)]),
    receive server_done -> ok end,
    gen_tcp:close(C),
    io:format("~p~n", [gen_tcp:send(C, "x")]),
    gen_tcp:close(L),
    io:format("~p~n", [gen_tcp:connect({127, 0, 0, 1}, Port, [], 1000)]),
    {ok, L2} = gen_tcp:listen(0, [{active, true}, {packet, line}]),
    {ok, P2} = inet:port(L2),
    spawn(fun() -> {ok, S} = gen_tcp:connect("localhost", P2, []), gen_tcp:send(S, "one\ntwo\nthr"), gen_tcp:send(S, "ee\n"), gen_tcp:close(S) end),
    {ok, S2} = gen_tcp:accept(L2, 5000),
    io:format("~p~n", [active(S2)]),
    io:format("~p~n", [gen_tcp:accept(L2, 10)]).

server(S) ->
    case gen_tcp:recv(S, 0) of
        {ok, D} -> gen_tcp:send(S, D), server(S);
        {error, closed} -> gen_tcp:close(S)
    end.

active(S) -> receive {tcp, S, D} -> [D | active(S)]; {tcp_closed, S} -> [closed] after 5000 -> [silence] end.
