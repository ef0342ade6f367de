%% N steps of five bodies under gravity: float arithmetic, tuples, short lists. The checksum is the energy
%% in units of 1.0e-9.
-module(nbody).
-export([run/1]).

-define(SOLAR_MASS, 39.47841760435743).
-define(DAYS, 365.24).

run(N) ->
    Bodies = steps(N, offset(bodies())),
    trunc(energy(Bodies, 0.0) * 1.0e9).

bodies() ->
    [
        {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ?SOLAR_MASS},
        {4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
         1.66007664274403694e-03 * ?DAYS, 7.69901118419740425e-03 * ?DAYS, -6.90460016972063023e-05 * ?DAYS,
         9.54791938424326609e-04 * ?SOLAR_MASS},
        {8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
         -2.76742510726411880e-03 * ?DAYS, 4.99852801234917238e-03 * ?DAYS, 2.30417297573763929e-05 * ?DAYS,
         2.85885980666130812e-04 * ?SOLAR_MASS},
        {1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
         2.96460137564761618e-03 * ?DAYS, 2.37847173959480950e-03 * ?DAYS, -2.96589568540237556e-05 * ?DAYS,
         4.36624404335156298e-05 * ?SOLAR_MASS},
        {1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
         2.68067772490389322e-03 * ?DAYS, 1.62824170038242295e-03 * ?DAYS, -9.51592254519715870e-05 * ?DAYS,
         5.15138902046611451e-05 * ?SOLAR_MASS}
    ].

%% Gives the sun the momentum that keeps the whole at rest.
offset([{X, Y, Z, _, _, _, M} | Planets] = All) ->
    {Px, Py, Pz} = lists:foldl(
        fun({_, _, _, Vx, Vy, Vz, Mass}, {A, B, C}) -> {A + Vx * Mass, B + Vy * Mass, C + Vz * Mass} end,
        {0.0, 0.0, 0.0},
        All
    ),
    [{X, Y, Z, -Px / ?SOLAR_MASS, -Py / ?SOLAR_MASS, -Pz / ?SOLAR_MASS, M} | Planets].

steps(0, Bodies) -> Bodies;
steps(N, Bodies) -> steps(N - 1, [move(B) || B <- attract(Bodies)]).

%% Each pair pulls once: the first body of the list against all behind it.
attract([Body | Rest]) ->
    {Pulled, Others} = pull(Body, Rest, []),
    [Pulled | attract(Others)];
attract([]) ->
    [].

pull({X, Y, Z, Vx, Vy, Vz, M}, [{X2, Y2, Z2, Vx2, Vy2, Vz2, M2} | Rest], Done) ->
    Dx = X - X2,
    Dy = Y - Y2,
    Dz = Z - Z2,
    Square = Dx * Dx + Dy * Dy + Dz * Dz,
    Pull = 0.01 / (Square * math:sqrt(Square)),
    A = M2 * Pull,
    B = M * Pull,
    pull(
        {X, Y, Z, Vx - Dx * A, Vy - Dy * A, Vz - Dz * A, M},
        Rest,
        [{X2, Y2, Z2, Vx2 + Dx * B, Vy2 + Dy * B, Vz2 + Dz * B, M2} | Done]
    );
pull(Body, [], Done) ->
    {Body, lists:reverse(Done)}.

move({X, Y, Z, Vx, Vy, Vz, M}) ->
    {X + 0.01 * Vx, Y + 0.01 * Vy, Z + 0.01 * Vz, Vx, Vy, Vz, M}.

energy([{X, Y, Z, Vx, Vy, Vz, M} | Rest], E) ->
    Own = E + 0.5 * M * (Vx * Vx + Vy * Vy + Vz * Vz),
    energy(Rest, between(X, Y, Z, M, Rest, Own));
energy([], E) ->
    E.

between(X, Y, Z, M, [{X2, Y2, Z2, _, _, _, M2} | Rest], E) ->
    Dx = X - X2,
    Dy = Y - Y2,
    Dz = Z - Z2,
    between(X, Y, Z, M, Rest, E - M * M2 / math:sqrt(Dx * Dx + Dy * Dy + Dz * Dz));
between(_, _, _, _, [], E) ->
    E.
