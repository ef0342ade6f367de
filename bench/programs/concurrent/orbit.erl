%% All numbers below N that ten functions reach from 0, kept by 16 processes that each own a part of them by hash;
%% a number that is new to its owner goes to the owners of what it leads to.
-module(orbit).
-export([run/1]).

-define(OWNERS, 16).

run(N) ->
    Self = self(),
    Pids = [spawn_link(fun() -> receive {owners, Owners} -> owner(#{}, Owners, N, Self) end end) || _ <- lists:seq(1, ?OWNERS)],
    Owners = list_to_tuple(Pids),
    [P ! {owners, Owners} || P <- Pids],
    give(0, Owners),
    settle(1),
    [P ! {size, Self} || P <- Pids],
    lists:sum([receive {size, P, Sum} -> Sum end || P <- Pids]).

%% Each message in flight is counted by home: one that is done tells how many it made.
settle(0) -> ok;
settle(Open) -> receive {made, Count} -> settle(Open - 1 + Count) end.

give(X, Owners) -> element(1 + erlang:phash2(X, ?OWNERS), Owners) ! X.

owner(Seen, Owners, N, Home) ->
    receive
        X when is_integer(X), is_map_key(X, Seen) ->
            Home ! {made, 0},
            owner(Seen, Owners, N, Home);
        X when is_integer(X) ->
            Images = [(X * (2 * I + 1) + I * I) rem N || I <- lists:seq(1, 10)],
            [give(Y, Owners) || Y <- Images],
            Home ! {made, 10},
            owner(Seen#{X => true}, Owners, N, Home);
        {size, From} ->
            From ! {size, self(), maps:fold(fun(X, _, Sum) -> Sum + X end, 0, Seen)}
    end.
