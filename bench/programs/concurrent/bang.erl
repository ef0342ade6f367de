%% Many senders flood one receiver that falls behind: 200 processes, N messages of a list of ten in all.
-module(bang).
-export([run/1]).

run(N) ->
    Self = self(),
    Each = N div 200,
    Senders = [spawn_link(fun() -> receive go -> flood(Each, Self, lists:seq(1, 10)) end end) || _ <- lists:seq(1, 200)],
    [S ! go || S <- Senders],
    collect(Each * 200, 0).

flood(0, _, _) -> ok;
flood(Left, To, Data) -> To ! Data, flood(Left - 1, To, Data).

collect(0, Sum) -> Sum;
collect(Left, Sum) -> receive [H | T] -> collect(Left - 1, Sum + H + length(T)) end.
