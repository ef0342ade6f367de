%% fib(20) for each of N numbers, one process for each, results gathered in order.
-module(parallel_map).
-export([run/1]).

run(N) -> lists:sum(map(fun(I) -> fib(20) + I end, lists:seq(1, N))).

map(Fun, List) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), Fun(X)} end) || X <- List],
    [receive {Pid, Y} -> Y end || Pid <- Pids].

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
