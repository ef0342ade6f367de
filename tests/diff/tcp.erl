%% Stream sockets over loopback: packet modes, passive and active, ends and errors.
-module(tcp).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    defaults(), ends(), packets(), active(), halves(), refused(), blocked(), large().

%% A listener, and both ends of a connection, all passive.
pair(Options) ->
    {ok, Listen} = gen_tcp:listen(0, [{active, false}, {ip, {127, 0, 0, 1}} | Options]),
    {ok, Port} = inet:port(Listen),
    {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false} | Options]),
    {ok, B} = gen_tcp:accept(Listen),
    {A, B}.

show(Name, Result) ->
    io:format("~p ~p~n", [Name, Result]).

pause() ->
    timer:sleep(50).

%% Messages of a socket, which has no name that stays the same.
messages() ->
    receive
        M when is_tuple(M) -> [setelement(2, M, socket) | messages()]
    after 50 -> []
    end.

defaults() ->
    {A, _} = pair([]),
    Names = [mode, active, packet, high_watermark, low_watermark, delay_send, header, packet_size,
             exit_on_close, send_timeout, send_timeout_close, show_econnreset, nodelay, keepalive, deliver],
    show(defaults, inet:getopts(A, Names)),
    {ok, {Address, _}} = inet:peername(A),
    show(peer, Address),
    show(not_connected, begin {ok, L} = gen_tcp:listen(0, []), {inet:peername(L), gen_tcp:recv(L, 0)} end).

ends() ->
    {A, B} = pair([]),
    gen_tcp:send(B, "hi"), pause(),
    show(read, gen_tcp:recv(A, 0)),
    gen_tcp:close(B), pause(),
    show(closed, [gen_tcp:recv(A, 0), gen_tcp:recv(A, 0), gen_tcp:send(A, "x"), inet:getopts(A, [active]),
                  inet:peername(A)]),
    {C, D} = pair([binary]),
    inet:setopts(D, [{linger, {true, 0}}]), gen_tcp:close(D), pause(),
    show(reset, [gen_tcp:recv(C, 0), gen_tcp:recv(C, 0)]),
    {E, F} = pair([binary, {show_econnreset, true}]),
    inet:setopts(F, [{linger, {true, 0}}]), gen_tcp:close(F), pause(),
    show(shown_reset, [gen_tcp:recv(E, 0), gen_tcp:recv(E, 0)]),
    {G, H} = pair([binary]),
    Me = self(),
    spawn(fun() -> Me ! {result, gen_tcp:recv(G, 0)} end), pause(),
    gen_tcp:close(G),
    show(closed_under_reader, {receive {result, R} -> R end, gen_tcp:recv(H, 0)}).

packets() ->
    {A, B} = pair([binary, {packet, 4}]),
    gen_tcp:send(B, []), gen_tcp:send(B, ["a", <<"bc">>]),
    show(packet_4, [gen_tcp:recv(A, 0), gen_tcp:recv(A, 0), gen_tcp:recv(A, 0, 20)]),
    {C, D} = pair([binary, {packet, 2}, {packet_size, 10}]),
    gen_tcp:send(D, binary:copy(<<"x">>, 11)),
    show(too_large, [gen_tcp:recv(C, 0), gen_tcp:recv(C, 0)]),
    {E, F} = pair([{packet, line}, {buffer, 10}]),
    gen_tcp:send(F, "abcdefghijklmno\nxy\n"), pause(),
    show(lines, [gen_tcp:recv(E, 0), gen_tcp:recv(E, 0), gen_tcp:recv(E, 0)]),
    {G, H} = pair([{header, 3}, binary]),
    gen_tcp:send(H, "abcdefg"), pause(),
    show(header, gen_tcp:recv(G, 0)),
    gen_tcp:send(H, "ab"), pause(),
    show(short_header, gen_tcp:recv(G, 0)),
    {I, J} = pair([{packet, http}]),
    gen_tcp:send(J, "GET /x HTTP/1.1\r\nHost: a\r\nX-Foo: b\r\n\r\nrest"), pause(),
    show(http, [gen_tcp:recv(I, 0) || _ <- [1, 2, 3, 4]]),
    inet:setopts(I, [{packet, raw}]),
    show(after_http, gen_tcp:recv(I, 0)),
    {K, L} = pair([binary, {packet, http_bin}]),
    inet:setopts(K, [{active, true}]),
    gen_tcp:send(L, "HTTP/1.0 404 Not Found\r\nServer: none\r\n\r\n"),
    show(http_active, messages()),
    {M, N} = pair([binary, {packet, asn1}]),
    gen_tcp:send(N, [48, 3, 1, 2, 3]),
    show(asn1, gen_tcp:recv(M, 0)),
    {O, P} = pair([binary]),
    gen_tcp:send(P, "abcdef"),
    show(exact, [gen_tcp:recv(O, 2), gen_tcp:recv(O, 3), gen_tcp:recv(O, 2, 20), gen_tcp:recv(O, 1)]).

active() ->
    {A, B} = pair([binary]),
    inet:setopts(A, [{active, 2}]),
    [begin gen_tcp:send(B, Byte), pause() end || Byte <- ["1", "2", "3"]],
    show(counted, {messages(), inet:getopts(A, [active]), gen_tcp:recv(A, 0)}),
    inet:setopts(A, [{active, once}]),
    show(not_passive, gen_tcp:recv(A, 0)),
    gen_tcp:send(B, "4"), pause(), gen_tcp:send(B, "5"),
    show(once, messages()),
    inet:setopts(A, [{active, true}]),
    gen_tcp:close(B),
    show(closed, {messages(), erlang:port_info(A), gen_tcp:send(A, "x")}),
    {C, D} = pair([{exit_on_close, false}]),
    inet:setopts(C, [{active, true}]),
    gen_tcp:close(D),
    show(half_open, {messages(), gen_tcp:send(C, "x")}),
    {E, F} = pair([binary, {packet, 1}, {packet_size, 2}]),
    inet:setopts(E, [{active, true}]),
    gen_tcp:send(F, "long"),
    show(no_packet, messages()),
    {G, H} = pair([list, {deliver, port}]),
    inet:setopts(G, [{active, true}]),
    gen_tcp:send(H, "dd"),
    show(by_port, messages()).

halves() ->
    {A, B} = pair([binary, {exit_on_close, false}]),
    show(shutdown, gen_tcp:shutdown(A, write)),
    show(ended, gen_tcp:recv(B, 0)),
    show(write_after, gen_tcp:send(A, "z")),
    {C, D} = pair([binary, {exit_on_close, false}]),
    gen_tcp:shutdown(C, write),
    show(other_way, {gen_tcp:recv(D, 0), gen_tcp:send(D, "back"), gen_tcp:recv(C, 0)}),
    gen_tcp:unrecv(C, <<"again">>),
    show(unrecv, gen_tcp:recv(C, 5)).

refused() ->
    show(refused, gen_tcp:connect({127, 0, 0, 1}, 1, [])),
    {ok, L} = gen_tcp:listen(0, []),
    show(nobody, gen_tcp:accept(L, 10)),
    {ok, Port} = inet:port(L),
    show(in_use, gen_tcp:listen(Port, [])),
    gen_tcp:close(L),
    show(no_more, gen_tcp:accept(L)).

blocked() ->
    {A, _} = pair([binary, {send_timeout, 200}]),
    Block = binary:copy(<<0>>, 100_000),
    Fill = fun Fill() -> case gen_tcp:send(A, Block) of ok -> Fill(); Error -> Error end end,
    show(send_timeout, {Fill(), gen_tcp:send(A, <<1>>)}),
    show(busy, gen_tcp:send(A, <<1>>)).

large() ->
    {A, B} = pair([binary]),
    Me = self(),
    Data = binary:copy(<<"0123456789">>, 500_000),
    spawn(fun() -> Me ! {sent, gen_tcp:send(A, Data)} end),
    {ok, Got} = gen_tcp:recv(B, byte_size(Data)),
    show(large, {Got =:= Data, receive {sent, S} -> S end, inet:getstat(A, [send_oct, send_pend])}),
    [spawn(fun() -> gen_tcp:send(A, [N]), Me ! done end) || N <- lists:duplicate(20, $n)],
    [receive done -> ok end || _ <- lists:seq(1, 20)],
    show(many_writers, gen_tcp:recv(B, 20)).
