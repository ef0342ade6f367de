%% Factorial and Fibonacci numbers of size N, powers modulo a large prime, and their decimal text.
-module(bignums).
-export([run/1]).

run(N) ->
    F = factorial(N, 1),
    {A, _} = fibonacci(N * 20, 0, 1),
    P = (1 bsl 521) - 1,
    M = power(F rem P, P - 3, P, 1),
    Text = integer_to_binary(F),
    F = binary_to_integer(Text),
    (A rem 1000003) + (M rem 1000003) + byte_size(Text) + (F bsr 100 bxor A) rem 1000003.

factorial(0, F) -> F;
factorial(N, F) -> factorial(N - 1, F * N).

fibonacci(0, A, B) -> {A, B};
fibonacci(N, A, B) -> fibonacci(N - 1, B, A + B).

power(_, 0, _, R) -> R;
power(B, E, P, R) when E band 1 =:= 1 -> power(B * B rem P, E bsr 1, P, R * B rem P);
power(B, E, P, R) -> power(B * B rem P, E bsr 1, P, R).
