%% N digits of pi by Gibbons' spigot: big integers, multiplied by small ones and divided by big ones.
-module(pidigits).
-export([run/1]).

run(N) -> digits(N, 1, 0, 1, 1, 0).

digits(0, _, _, _, _, Sum) ->
    Sum;
digits(Left, Q, R, T, K, Sum) ->
    Y = (Q * 3 + R) div T,
    case (Q * 4 + R) div T of
        Y -> digits(Left - 1, 10 * Q, 10 * (R - Y * T), T, K, (Sum * 31 + Y) band 16#ffffffff);
        _ -> digits(Left, Q * K, (2 * Q + R) * (2 * K + 1), T * (2 * K + 1), K + 1, Sum)
    end.
