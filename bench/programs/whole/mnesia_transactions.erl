%% N transactions of Mnesia, from four processes: each moves money between two of 100 accounts held in memory.
-module(mnesia_transactions).
-export([prepare/1, run/1]).

-define(WORKERS, 4).

prepare(N) ->
    application:set_env(mnesia, dir, filename:join(os:getenv("TMPDIR", "/tmp"), "glulam_mnesia." ++ os:getpid())),
    ok = mnesia:start(),
    mnesia:create_table(account, [{ram_copies, [node()]}]),
    ok = mnesia:wait_for_tables([account], 10000),
    [ok = mnesia:dirty_write({account, K, 1000}) || K <- lists:seq(0, 99)],
    N.

run(N) ->
    Self = self(),
    Workers = [spawn_link(fun() -> Self ! {self(), work(N div ?WORKERS, W * 7919)} end) || W <- lists:seq(1, ?WORKERS)],
    [receive {W, done} -> ok end || W <- Workers],
    lists:sum([Balance || K <- lists:seq(0, 99), {account, _, Balance} <- mnesia:dirty_read(account, K)]).

work(0, _) -> done;
work(N, Seed) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    From = (Next bsr 8) rem 100,
    To = (Next bsr 16) rem 100,
    {atomic, _} = mnesia:transaction(fun() -> move(From, To, N band 15) end),
    work(N - 1, Next).

move(Same, Same, _) -> ok;
move(From, To, Sum) ->
    [{account, _, A}] = mnesia:wread({account, From}),
    [{account, _, B}] = mnesia:wread({account, To}),
    mnesia:write({account, From, A - Sum}),
    mnesia:write({account, To, B + Sum}).
