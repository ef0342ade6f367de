%% 100 processes that each make and sort N random numbers from a seed of their own.
-module(random_numbers).
-export([run/1]).

run(N) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), middle(N, Seed)} end) || Seed <- lists:seq(1, 100)],
    lists:sum([receive {P, X} -> X end || P <- Pids]).

middle(N, Seed) ->
    _ = rand:seed(exsss, {Seed, Seed * 7, Seed * 13}),
    lists:nth(N div 2 + 1, lists:sort([rand:uniform(1000000) || _ <- lists:seq(1, N)])).
