%% zlib: one-shot and streamed, and what corrupt data raises.
-module(zlib_streams).
-export([main/0]).

main() ->
    D = binary:copy(<<"the quick brown fox ">>, 500),
    [io:format("~p~n", [apply(zlib, U, [apply(zlib, C, [D])]) =:= D]) || {C, U} <- [{compress, uncompress}, {zip, unzip}, {gzip, gunzip}]],
    io:format("~p~n", [byte_size(zlib:compress(D)) < 200]),
    Z = zlib:open(),
    zlib:deflateInit(Z, best_compression),
    Start = [zlib:deflate(Z, P) || P <- [<<"one ">>, <<"two ">>]],
    Parts = [Start, zlib:deflate(Z, <<"three">>, finish)],
    zlib:deflateEnd(Z),
    zlib:inflateInit(Z),
    io:format("~p~n", [iolist_to_binary(zlib:inflate(Z, Parts))]),
    zlib:inflateEnd(Z),
    zlib:close(Z),
    io:format("~p~n", [[try zlib:uncompress(B) catch C:R -> {C, R} end || B <- [<<>>, <<"garbage!">>, binary:part(zlib:compress(D), 0, 20)]]]).
