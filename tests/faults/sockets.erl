-module(sockets).
-export([main/0]).

main() ->
    Cases = [{1, <<5, "ab">>}, {2, <<255, 255, "ab">>}, {4, <<255, 255, 255, 255, "ab">>}, {4, <<127, 255, 255, 255, "ab">>},
        {4, <<16#10, 0, 0, 0, "ab">>}, {cdr, <<"XXXX", 1, 2, 3, 4, 5, 6, 7, 8, 9>>}, {cdr, <<"GIOP", 1, 0, 0, 0, 255, 255, 255, 255>>},
        {fcgi, <<2, 1, 2, 3, 4, 5, 6, 7, 8>>}, {tpkt, <<3, 0, 0, 1, 5>>}, {tpkt, <<4, 0, 0, 9, 5>>}, {sunrm, <<255, 255, 255, 255, 1>>},
        {asn1, <<48, 16#85, 1, 1, 1, 1, 1, 1>>}, {asn1, <<48, 16#84, 255, 255, 255, 255>>}, {asn1, <<48, 16#80, 0, 0>>},
        {line, binary:copy(<<"x">>, 5000)}, {line, <<"no end">>}, {http, <<"nonsense\r\n\r\n">>}, {http, <<"GET /\r\n">>},
        {http, <<"GET / HTTP/9999999999.1\r\n\r\n">>}, {http, <<"HTTP/1.1 abc\r\n">>}, {http, <<0, 1, 2, 255, "\r\n">>},
        {http, <<"GET / HTTP/1.1\r\n: x\r\n\r\n">>}, {http, <<"GET / HTTP/1.1\r\nNo colon\r\n\r\n">>},
        {http, <<"GET ", (binary:copy(<<"x">>, 10000))/binary, " HTTP/1.1\r\n\r\n">>}, {httph, <<"A: b\r\n c\r\n\r\n">>}, {http_bin, <<"\r\n\r\n">>}],
    [io:format("~p ~P: ~P~n", [Type, Data, 12, [go(Type, Data, Active, Options) || Active <- [true, false, once], Options <- [[], [{packet_size, 64}]]], 60])
        || {Type, Data} <- Cases],
    [io:format("decode ~p ~P: ~P~n", [Type, Data, 12, [try erlang:decode_packet(Type, D, O) catch error:R -> R end || D <- [Data, binary:part(Data, 0, byte_size(Data) div 2)],
        O <- [[], [{packet_size, 4}], [{line_length, 3}]]], 60]) || {Type, Data} <- Cases].

go(Type, Data, Active, Options) ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Number} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Number, [binary, {active, false}]),
    {ok, S} = gen_tcp:accept(L),
    ok = gen_tcp:send(C, Data),
    timer:sleep(5),
    ok = inet:setopts(S, [{packet, Type} | Options]),
    Got = case Active of
        false -> passive(S, C);
        _ -> inet:setopts(S, [{active, Active}]), timer:sleep(5), gen_tcp:shutdown(C, write), active(S, Active)
    end,
    [gen_tcp:close(X) || X <- [L, C, S]],
    Got.

passive(S, C) ->
    gen_tcp:shutdown(C, write),
    case gen_tcp:recv(S, 0, 1000) of
        {ok, X} -> [cut(X) | passive(S, C)];
        E -> [E]
    end.

active(S, Active) ->
    receive
        {tcp_closed, S} -> [closed];
        {tcp_error, S, R} -> [{error, R} | active(S, Active)];
        M when element(2, M) =:= S -> if Active =:= once -> inet:setopts(S, [{active, once}]); true -> ok end, [cut(element(3, M)) | active(S, Active)]
    after 1000 -> [nothing]
    end.

cut(X) when is_binary(X), byte_size(X) > 40 -> {bytes, byte_size(X)};
cut(X) -> X.
