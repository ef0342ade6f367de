-module(cnif).
-export([increment/1, spin/1, counter_new/0, counter_add/2, test/0]).
-on_load(load/0).

load() -> erlang:load_nif(filename:join(filename:dirname(code:which(?MODULE)), "cnif"), 0).

increment(_) -> erlang:nif_error(not_loaded).
spin(_) -> erlang:nif_error(not_loaded).
counter_new() -> erlang:nif_error(not_loaded).
counter_add(_, _) -> erlang:nif_error(not_loaded).

test() ->
    2 = increment(1),
    {'EXIT', {badarg, _}} = (catch increment(one)),
    true = spin(2000) >= 2000,
    Counter = counter_new(),
    Self = self(),
    [spawn_link(fun() -> [counter_add(Counter, 1) || _ <- lists:seq(1, 1000)], Self ! done end)
     || _ <- lists:seq(1, 10)],
    [receive done -> ok end || _ <- lists:seq(1, 10)],
    10001 = counter_add(Counter, 1),
    {'EXIT', {badarg, _}} = (catch counter_add(make_ref(), 1)),
    ok.
