%% As many processes as schedulers on one public table, N operations in all: 80 of 100 read, 15 write, 5 count.
-module(ets_contention).
-export([run/1]).

-define(WORKERS, 8).

run(N) ->
    Table = ets:new(shared, [public, set, {write_concurrency, true}, {read_concurrency, true}]),
    [ets:insert(Table, {K, K}) || K <- lists:seq(0, 999)],
    ets:insert(Table, {counter, 0}),
    Self = self(),
    Each = N div ?WORKERS,
    Pids = [spawn_link(fun() -> Self ! {self(), work(Each, Table, W * 7919, 0)} end) || W <- lists:seq(1, ?WORKERS)],
    Sum = lists:sum([receive {P, S} -> S end || P <- Pids]),
    Count = ets:lookup_element(Table, counter, 2),
    ets:delete(Table),
    Sum + Count.

work(0, _, _, Sum) -> Sum;
work(N, Table, Seed, Sum) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    Key = (Next bsr 8) rem 1000,
    case N rem 20 of
        0 -> ets:update_counter(Table, counter, 1), work(N - 1, Table, Next, Sum);
        R when R < 4 -> ets:insert(Table, {Key, Key}), work(N - 1, Table, Next, Sum);
        _ -> work(N - 1, Table, Next, Sum + ets:lookup_element(Table, Key, 2))
    end.
