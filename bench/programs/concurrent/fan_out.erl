%% One process sends N messages to 100 workers in turn; each answers with the sum of its own at the end.
-module(fan_out).
-export([run/1]).

run(N) ->
    Self = self(),
    Workers = [spawn_link(fun() -> worker(Self, 0) end) || _ <- lists:seq(1, 100)],
    Rounds = N div 100,
    send(Rounds, Workers),
    [W ! stop || W <- Workers],
    lists:sum([receive {sum, W, Sum} -> Sum end || W <- Workers]).

send(0, _) -> ok;
send(Left, Workers) ->
    [W ! {job, Left, [Left, Left + 1]} || W <- Workers],
    send(Left - 1, Workers).

worker(Home, Sum) ->
    receive
        {job, A, [B, C]} -> worker(Home, Sum + A + B + C);
        stop -> Home ! {sum, self(), Sum}
    end.
