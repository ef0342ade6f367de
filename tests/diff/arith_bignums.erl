%% Large integers: factorials, powers, division and greatest common divisors.
-module(arith_bignums).
-export([main/0]).

main() ->
    io:format("~p~n~p~n", [fact(25), fact(200)]),
    P = pow(3, 400),
    Q = pow(7, 150),
    io:format("~p ~p ~p~n", [P div Q, P rem Q, (P div Q) * Q + P rem Q =:= P]),
    io:format("~p ~p~n", [-P div Q, -P rem Q]),
    io:format("~p~n", [gcd(fact(60), pow(12, 40))]),
    io:format("~p~n", [P * P - Q * Q =:= (P - Q) * (P + Q)]),
    io:format("~p~n", [lists:foldl(fun(N, Acc) -> Acc * 1000003 + N end, 1, lists:seq(1, 60))]),
    io:format("~p~n", [element(2, fib(1000))]),
    io:format("~p~n", [P - P]),
    io:format("~p~n", [(1 bsl 200) - (1 bsl 200) + 5]).

fact(0) -> 1;
fact(N) -> N * fact(N - 1).

pow(_, 0) -> 1;
pow(B, N) -> B * pow(B, N - 1).

gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).

fib(0) -> {0, 1};
fib(N) -> {A, B} = fib(N - 1), {B, A + B}.
