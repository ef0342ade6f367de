%% The spectral norm of an infinite matrix's N by N corner: integer and float arithmetic mixed, lists of floats.
%% The checksum is the norm in units of 1.0e-9.
-module(spectral_norm).
-export([run/1]).

run(N) ->
    {U, V} = power(10, lists:duplicate(N, 1.0), [], N),
    {Uv, Vv} = products(U, V, 0.0, 0.0),
    trunc(math:sqrt(Uv / Vv) * 1.0e9).

power(0, U, V, _) -> {U, V};
power(Left, U, _, N) ->
    V = both(U, N),
    power(Left - 1, both(V, N), V, N).

both(V, N) -> times_transposed(times(V, N), N).

times(V, N) -> [row(V, I, 0, 0.0) || I <- lists:seq(0, N - 1)].
times_transposed(V, N) -> [column(V, I, 0, 0.0) || I <- lists:seq(0, N - 1)].

row([X | V], I, J, Sum) -> row(V, I, J + 1, Sum + X / a(I, J));
row([], _, _, Sum) -> Sum.

column([X | V], I, J, Sum) -> column(V, I, J + 1, Sum + X / a(J, I));
column([], _, _, Sum) -> Sum.

a(I, J) -> (I + J) * (I + J + 1) div 2 + I + 1.

products([U | Us], [V | Vs], Uv, Vv) -> products(Us, Vs, Uv + U * V, Vv + V * V);
products([], [], Uv, Vv) -> {Uv, Vv}.
