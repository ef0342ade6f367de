%% N processes, each of which sends one message to every other and waits for all of theirs.
-module(big).
-export([run/1]).

run(N) ->
    Self = self(),
    All = [spawn_link(fun() -> receive {all, Others} -> member(Others, Self, N) end end) || _ <- lists:seq(1, N)],
    [P ! {all, All} || P <- All],
    lists:sum([receive {sum, Sum} -> Sum end || _ <- All]).

member(All, Home, N) ->
    Self = self(),
    [P ! {hello, Self, 3} || P <- All],
    Home ! {sum, collect(N, 0)}.

collect(0, Sum) -> Sum;
collect(Left, Sum) -> receive {hello, _, V} -> collect(Left - 1, Sum + V) end.
