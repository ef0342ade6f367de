%% SHA-256 in plain Erlang over N blocks of 64 bytes: 32-bit arithmetic, matching of binaries, long argument lists.
-module(sha256).
-export([run/1]).

-define(MASK, 16#ffffffff).
-define(ROTATE(X, N), ((X bsr N) bor ((X bsl (32 - N)) band ?MASK))).

run(N) ->
    Data = binary:copy(<<"The quick brown fox jumps over the lazy dog; pack my box with fiv">>, N),
    <<Text:(N * 64)/binary, _/binary>> = Data,
    Bits = N * 512,
    State = {16#6a09e667, 16#bb67ae85, 16#3c6ef372, 16#a54ff53a, 16#510e527f, 16#9b05688c, 16#1f83d9ab, 16#5be0cd19},
    {A, _, _, _, _, _, _, H} = blocks(<<Text/binary, 16#80, 0:(55 * 8), Bits:64>>, State, constants()),
    (A bsl 32) bor H.

blocks(<<Block:64/binary, Rest/binary>>, {A, B, C, D, E, F, G, H} = State, K) ->
    Words = [W || <<W:32>> <= Block],
    blocks(Rest, rounds(K, queue:from_list(Words), Words, A, B, C, D, E, F, G, H, State), K);
blocks(<<>>, State, _) ->
    State.

%% The schedule's last 16 words wait in a queue; the first 16 come from the block itself.
rounds([K | Ks], Queue, Words, A, B, C, D, E, F, G, H, State) ->
    {W, Later, Queue1} = next(Words, Queue),
    S1 = ?ROTATE(E, 6) bxor ?ROTATE(E, 11) bxor ?ROTATE(E, 25),
    Choice = (E band F) bxor ((E bxor ?MASK) band G),
    T1 = H + S1 + Choice + K + W,
    S0 = ?ROTATE(A, 2) bxor ?ROTATE(A, 13) bxor ?ROTATE(A, 22),
    Majority = (A band B) bxor (A band C) bxor (B band C),
    rounds(Ks, Queue1, Later, (T1 + S0 + Majority) band ?MASK, A, B, C, (D + T1) band ?MASK, E, F, G, State);
rounds([], _, _, A, B, C, D, E, F, G, H, {A0, B0, C0, D0, E0, F0, G0, H0}) ->
    {(A + A0) band ?MASK, (B + B0) band ?MASK, (C + C0) band ?MASK, (D + D0) band ?MASK,
     (E + E0) band ?MASK, (F + F0) band ?MASK, (G + G0) band ?MASK, (H + H0) band ?MASK}.

next([W | Words], Queue) ->
    {W, Words, Queue};
next([], Queue) ->
    {{value, W16}, Rest} = queue:out(Queue),
    List = queue:to_list(Rest),
    W15 = hd(List),
    W7 = lists:nth(9, List),
    W2 = lists:nth(14, List),
    S0 = ?ROTATE(W15, 7) bxor ?ROTATE(W15, 18) bxor (W15 bsr 3),
    S1 = ?ROTATE(W2, 17) bxor ?ROTATE(W2, 19) bxor (W2 bsr 10),
    W = (W16 + S0 + W7 + S1) band ?MASK,
    {W, [], queue:in(W, Rest)}.

%% The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constants() ->
    Primes = [P || P <- lists:seq(2, 311), prime(P, 2)],
    [cube_root(P bsl 96, 1 bsl 36, 0) band ?MASK || P <- Primes].

prime(P, D) when D * D > P -> true;
prime(P, D) -> P rem D =/= 0 andalso prime(P, D + 1).

%% The largest integer whose cube is not above X, bit by bit.
cube_root(_, 0, Root) -> Root;
cube_root(X, Bit, Root) ->
    Try = Root bor Bit,
    case Try * Try * Try =< X of
        true -> cube_root(X, Bit bsr 1, Try);
        false -> cube_root(X, Bit bsr 1, Root)
    end.
