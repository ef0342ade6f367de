%% Datagrams as lists, which is what sockets give by themselves, and as binaries.
-module(udp_modes).
-export([main/0]).

main() ->
    Local = {127, 0, 0, 1},
    {ok, A} = gen_udp:open(0, [{active, false}]),
    {ok, B} = gen_udp:open(0, [binary]),
    {ok, PortA} = inet:port(A),
    {ok, PortB} = inet:port(B),
    ok = gen_udp:send(B, Local, PortA, "to a"),
    {ok, {Local, PortB, Data}} = gen_udp:recv(A, 0, 1000),
    io:format("~p~n", [Data]),
    ok = gen_udp:send(A, Local, PortB, "to b"),
    io:format("~p~n", [receive {udp, B, Local, PortA, First} -> First end]),
    ok = inet:setopts(B, [list]),
    ok = gen_udp:send(A, Local, PortB, "to b"),
    io:format("~p~n", [receive {udp, B, Local, PortA, Second} -> Second end]).
