%% Float arithmetic, conversions and the errors it raises.
-module(arith_floats).
-export([main/0]).

main() ->
    Fs = [0.0, -0.0, 1.0, -1.5, 0.1, 1.0e300, 1.0e-300, 123456789.125],
    [io:format("~p~n", [{A + B, A - B, A < B, A =:= B, A == B}]) || A <- Fs, B <- Fs],
    [io:format("~p~n", [try {A * B, A / B} catch C:R -> {C, R} end]) || A <- Fs, B <- Fs],
    [io:format("~p~n", [{trunc(F), round(F), floor(F), ceil(F)}]) || F <- Fs ++ [0.5, 1.5, 2.5, -0.5, -2.5, 1.0e22]],
    io:format("~p~n", [[try float(I) catch C:R -> {C, R} end || I <- [1, 1 bsl 53 + 1, 1 bsl 100, 1 bsl 2000]]]),
    io:format("~p~n", [[1 + 1.5, 2 * 0.5, 7 / 2, 10 / 5, (1 bsl 80) / 3]]),
    io:format("~p~n", [try math:sqrt(-1) catch C1:R1 -> {C1, R1} end]),
    io:format("~p~n", [try math:exp(1000) catch C2:R2 -> {C2, R2} end]),
    io:format("~p~n", [[math:pow(2, 0.5), math:pi(), math:sin(1), math:atan2(1, 2), math:log2(1 bsl 100),
                        math:log10(1000), math:fmod(7.5, 2), math:floor(-2.5), math:ceil(2.1)]]).
