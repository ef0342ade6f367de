%% Growing a binary at its end; earlier values must keep their bytes.
-module(bs_append).
-export([main/0]).

main() ->
    B = grow(<<>>, 100000),
    io:format("~p ~p~n", [byte_size(B), erlang:md5(B)]),
    Base = <<(grow(<<>>, 300))/binary, 1>>,
    X = <<Base/binary, "left">>,
    Y = <<Base/binary, "right">>,
    io:format("~p ~p ~p~n", [byte_size(Base), binary:part(X, byte_size(X), -4), binary:part(Y, byte_size(Y), -5)]),
    Bits = lists:foldl(fun(N, Acc) -> <<Acc/bitstring, N:5>> end, <<>>, lists:seq(1, 1000)),
    io:format("~p ~p~n", [bit_size(Bits), erlang:phash2(Bits)]),
    <<Head:10/binary, _/bits>> = Bits,
    io:format("~p~n", [Head]).

grow(Acc, 0) -> Acc;
grow(Acc, N) -> grow(<<Acc/binary, N:8>>, N - 1).
