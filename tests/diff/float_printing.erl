%% Shortest float printing and the fixed formats.
-module(float_printing).
-export([main/0]).

main() ->
    Fs = [0.1, 1.0, 100.0, 1.0e10, 1.0e15, 1.0e16, 1.0e17, 1.0e21, 1.0e22, 1.0e23, 1.0e100, 1.0e-1, 1.0e-4, 1.0e-5, 1.0e-10,
          1/3, 2/3, 5.0e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 123456.789, 9007199254740993.0,
          -0.0, 0.3, 4.35, 2.5, 0.000123456789],
    [io:format("~p ~w ~s~n", [F, F, float_to_list(F)]) || F <- Fs],
    [io:format("~s ~s~n", [float_to_list(F, [{decimals, 4}]), float_to_list(F, [{decimals, 6}, compact])])
     || F <- Fs, abs(F) < 1.0e20],
    [io:format("~s ~s~n", [float_to_binary(F, [{scientific, 3}]), float_to_list(F, [short])]) || F <- Fs],
    [io:format("~f ~.2f ~e ~.3e ~g ~10.3f|~-12.2f|~n", [F, F, F, F, F, F, F]) || F <- Fs, abs(F) < 1.0e20],
    [io:format("~p~n", [list_to_float(S)]) || S <- ["1.0", "-2.5e3", "1.0e-7", "123456789012345678.0", "0.1e1"]],
    [io:format("~p ~p~n", [S, try list_to_float(S) catch error:R -> R end]) || S <- ["1", ".5", "1.", "1e3", "abc", "1.0e400", ""]].
