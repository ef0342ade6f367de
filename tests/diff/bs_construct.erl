%% Building binaries and bitstrings: sizes, units, signs, endianness, floats, and the errors.
-module(bs_construct).
-export([main/0]).

main() ->
    N = id(-12345),
    io:format("~p~n", [<<N:16, N:16/little, N:24/big-signed, N:3, N:5, N:64/native>>]),
    io:format("~p~n", [<<1:1, 0:1, 1:1>>]),
    io:format("~p~n", [[<<(id(5)):S>> || S <- [0, 1, 3, 7, 8, 9, 63, 64, 65, 130]]]),
    io:format("~p~n", [[<<(id(1 bsl 100 + 7)):S/little>> || S <- [8, 64, 101, 120]]]),
    io:format("~p~n", [<<1.5/float, 1.5:32/float, 1.5:16/float, -2:64/float-little>>]),
    io:format("~p~n", [<<"abc", "def"/utf16, "gh"/utf32-little, "åäö"/utf8, 16#1F600/utf8>>]),
    B = <<1, 2, 3, 4:4>>,
    io:format("~p~n", [<<B/bitstring, B/bits, (binary:part(<<"hello">>, 1, 2))/binary, B:13/bitstring>>]),
    io:format("~p~n", [<<(<<1, 2, 3>>):2/binary>>]),
    Tries = [fun() -> <<(id(a)):8>> end, fun() -> <<(id(1)):(id(-1))>> end, fun() -> <<(id(<<1:3>>))/binary>> end,
             fun() -> <<(id(<<1>>)):2/binary>> end, fun() -> <<(id(16#D800))/utf8>> end, fun() -> <<(id(1.0e300)):32/float>> end,
             fun() -> <<(id("x"))/float>> end],
    [io:format("~p~n", [try F() catch C:R -> {C, R} end]) || F <- Tries].

id(X) -> X.
