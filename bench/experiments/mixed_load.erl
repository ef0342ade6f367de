%% Work of all kinds at once, N pieces of each: sums in a pool of processes, messages between pairs, timers, ETS
%% writes and garbage. For the share of all cores that an emulator keeps busy.
-module(mixed_load).
-export([run/1]).

run(N) ->
    Self = self(),
    Table = ets:new(mixed, [public, {write_concurrency, true}]),
    Kinds = [fun cpu/2, fun messages/2, fun timed/2, fun writes/2, fun garbage/2],
    Pids = [spawn_link(fun() -> Self ! {self(), Kind(N, Table)} end) || Kind <- Kinds, _ <- lists:seq(1, 4)],
    Sum = lists:sum([receive {P, X} -> X end || P <- Pids]),
    ets:delete(Table),
    Sum.

cpu(N, _) -> lists:sum([fib(15) || _ <- lists:seq(1, N)]).

messages(N, _) ->
    Echo = spawn_link(fun echo/0),
    Sum = lists:sum([begin Echo ! {self(), I}, receive {back, I} -> 1 end end || I <- lists:seq(1, N * 10)]),
    Echo ! stop,
    Sum.

echo() -> receive {From, I} -> From ! {back, I}, echo(); stop -> ok end.

timed(N, _) ->
    [erlang:send_after(I rem 20, self(), tick) || I <- lists:seq(1, N)],
    lists:sum([receive tick -> 1 end || _ <- lists:seq(1, N)]).

writes(N, Table) ->
    [ets:insert(Table, {{self(), I rem 100}, I}) || I <- lists:seq(1, N * 10)],
    N.

garbage(N, _) -> lists:sum([length(lists:reverse(lists:seq(1, 500))) || _ <- lists:seq(1, N)]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
