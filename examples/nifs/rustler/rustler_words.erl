-module(rustler_words).
-export([count/1, reversed/1, tally/0, tally_add/2, count_later/1, primes/1, fail/1, test/0]).
-on_load(load/0).

load() ->
    Dir = filename:dirname(code:which(?MODULE)),
    erlang:load_nif(filename:join(Dir, "target/release/librustler_words"), 0).

count(_) -> erlang:nif_error(not_loaded).
reversed(_) -> erlang:nif_error(not_loaded).
tally() -> erlang:nif_error(not_loaded).
tally_add(_, _) -> erlang:nif_error(not_loaded).
count_later(_) -> erlang:nif_error(not_loaded).
primes(_) -> erlang:nif_error(not_loaded).
fail(_) -> erlang:nif_error(not_loaded).

test() ->
    #{<<"one">> := 2, <<"two">> := 1} = count(<<"One two one">>),
    <<3, 2, 1>> = reversed(<<1, 2, 3>>),
    Long = binary:copy(<<"abc">>, 1000),
    Long = reversed(reversed(Long)),
    Tally = tally(),
    1 = tally_add(Tally, <<"x">>),
    2 = tally_add(Tally, <<"x">>),
    ok = count_later(<<"a b c">>),
    receive {counted, 3} -> ok end,
    [2, 3, 5, 7, 11, 13, 17, 19] = primes(20),
    1229 = length(primes(10000)),
    {error, why} = fail(why),
    {'EXIT', {nif_panicked, _}} = (catch fail(panicked)),
    {'EXIT', {badarg, _}} = (catch count(17)),
    erlang:garbage_collect(),
    ok.
