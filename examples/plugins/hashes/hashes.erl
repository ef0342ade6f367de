-module(hashes).
-export([sha256/1, sha256_stepwise/1, spin/1, increment/1, test/0]).
-on_load(load/0).

%% The library lies beside this module, or in target/release.
load() ->
    Dir = filename:dirname(code:which(?MODULE)),
    Places = [filename:join(Dir, P) || P <- ["libhashes", "target/release/libhashes"]],
    [Found | _] = [P || P <- Places, filelib:is_file(P ++ ".so")] ++ [hd(Places)],
    erlang:load_nif(Found, 0).

sha256(_) -> erlang:nif_error(not_loaded).
sha256_stepwise(_) -> erlang:nif_error(not_loaded).
spin(_) -> erlang:nif_error(not_loaded).
increment(_) -> erlang:nif_error(not_loaded).

test() ->
    <<16#ba7816bf:32, _/binary>> = sha256(<<"abc">>),
    Big = binary:copy(<<"0123456789">>, 1000000),
    Expected = crypto:hash(sha256, Big),
    Expected = sha256(Big),
    Expected = sha256_stepwise(Big),
    %% A part of a binary that begins between bytes.
    <<_:3, Bits:8000/bitstring, _/bitstring>> = Big,
    Odd = crypto:hash(sha256, Bits),
    Odd = sha256(Bits),
    {'EXIT', {badarg, _}} = (catch sha256(no_binary)),
    2 = increment(1),
    moves(),
    ok.

%% A native that nobody has declared slow runs elsewhere once it has been, and comes back when it is quick.
moves() ->
    #{declared := normal, class := normal, moves := 0, calls := 0} = spin_seen(),
    _ = spin(5000),
    #{class := dirty_cpu, moves := 1, calls := 1} = spin_seen(),
    _ = spin(5000),
    #{class := dirty_cpu, moves := 1, calls := 2, longest := Longest} = spin_seen(),
    true = Longest >= 5000000,
    %% How many quick calls that takes is the runtime's own business, and on a busy machine some of them are not.
    Calls = until_back(0),
    true = Calls > 1,
    _ = spin(5000),
    #{class := dirty_cpu, moves := 3} = spin_seen().

until_back(Calls) ->
    _ = spin(1),
    case spin_seen() of
        #{class := normal, moves := 2} -> Calls + 1;
        #{class := dirty_cpu, moves := 1} when Calls < 100000 -> until_back(Calls + 1)
    end.

spin_seen() ->
    [Native] = [N || N = #{module := ?MODULE, function := spin} <- glulam:natives()],
    Native.
