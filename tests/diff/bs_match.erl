%% Matching binaries: all types, sizes from earlier fields, remainders, failures.
-module(bs_match).
-export([main/0]).

main() ->
    Bin = <<16#CA, 16#FE, 16#BA, 16#BE, 1.5/float, 3, "abcdef", 5:3>>,
    <<A:16, B:16/little, F/float, N, S:N/binary, T:2/binary, R/bitstring>> = Bin,
    io:format("~p~n", [{A, B, F, N, S, T, R}]),
    <<X:4/signed, Y:12/unsigned, _/bits>> = Bin,
    io:format("~p~n", [{X, Y}]),
    io:format("~p~n", [[kind(M) || M <- [<<>>, <<0>>, <<1, 2>>, <<1:1>>, <<255, 1, 2, 3>>, <<2, "xy", "rest">>, <<3, "xy">>]]]),
    <<U/utf8, V/utf8, W/utf8>> = <<"aå"/utf8, 16#1F600/utf8>>,
    io:format("~p~n", [{U, V, W}]),
    io:format("~p~n", [case <<16#C0, 16#80>> of <<C/utf8, _/binary>> -> C; _ -> no_utf8 end]),
    <<P/utf16-little, Q/utf32>> = <<16#1F600/utf16-little, $z/utf32>>,
    io:format("~p~n", [{P, Q}]),
    <<Big:100, _/bits>> = <<1:1, 0:98, 1:1, 9>>,
    io:format("~p~n", [Big]),
    <<Neg:100/signed-little, _/bits>> = <<-5:100/little, 0:4>>,
    io:format("~p~n", [Neg]),
    io:format("~p~n", [case <<16#7FF0000000000000:64>> of <<Inf/float>> -> Inf; _ -> not_a_float end]),
    <<H:16/float, _/binary>> = <<1.5:16/float, 0>>,
    io:format("~p~n", [H]),
    io:format("~p~n", [try <<_:9>> = id(<<1>>) catch error:E -> E end]).

kind(<<>>) -> empty;
kind(<<0>>) -> zero;
kind(<<Len, Str:Len/binary, Rest/binary>>) -> {counted, Str, Rest};
kind(<<255, Rest/binary>>) -> {high, Rest};
kind(B) when is_binary(B) -> {other, byte_size(B)};
kind(B) -> {bits, bit_size(B)}.

id(X) -> X.
