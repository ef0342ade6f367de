%% band, bor, bxor, bnot and shifts on integers of all sizes and signs.
-module(arith_bits).
-export([main/0]).

main() ->
    Ns = [0, 1, -1, 255, -256, 1 bsl 62 + 5, -(1 bsl 62) - 5, 1 bsl 130 - 1, -(1 bsl 130) + 3],
    [io:format("~p~n", [{A band B, A bor B, A bxor B}]) || A <- Ns, B <- Ns],
    [io:format("~p~n", [{A bsl S, A bsr S}]) || A <- Ns, S <- [0, 1, 3, 31, 63, 64, 65, 200, -1, -70]],
    io:format("~p~n", [0 bsl (1 bsl 70)]),
    io:format("~p~n", [-5 bsr (1 bsl 70)]),
    io:format("~p~n", [try id(1) bsl id(1 bsl 70) catch C:R -> {C, R} end]),
    io:format("~p~n", [try id(1) band id(1.0) catch C1:R1 -> {C1, R1} end]).

id(X) -> X.
