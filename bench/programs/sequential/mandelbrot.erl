%% How many points of an N by N grid stay bounded for 50 steps: a float loop.
-module(mandelbrot).
-export([run/1]).

run(N) -> rows(0, N, 0).

rows(N, N, Count) -> Count;
rows(Y, N, Count) -> rows(Y + 1, N, row(0, N, 2.0 * Y / N - 1.0, Count)).

row(N, N, _, Count) -> Count;
row(X, N, Ci, Count) ->
    row(X + 1, N, Ci, Count + escape(0.0, 0.0, 2.0 * X / N - 1.5, Ci, 50)).

escape(_, _, _, _, 0) ->
    1;
escape(Zr, Zi, Cr, Ci, Left) ->
    R2 = Zr * Zr,
    I2 = Zi * Zi,
    if
        R2 + I2 > 4.0 -> 0;
        true -> escape(R2 - I2 + Cr, 2.0 * Zr * Zi + Ci, Cr, Ci, Left - 1)
    end.
