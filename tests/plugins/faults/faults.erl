-module(faults).
-export([crash/0, forever/0, leak/0, panics/1, panics_when_dropped/0, integers/1, texts/4, others/5, maps/1, drawing/1,
         count/1, cell/2, cell_add/2, flood/2, from_thread/1, whole/1, test/0]).
-on_load(load/0).

%% ISOLATED=1: in a program of its own.
load() ->
    os:getenv("ISOLATED") =:= "1" andalso glulam:isolate(?MODULE),
    Dir = filename:dirname(code:which(?MODULE)),
    erlang:load_nif(filename:join(Dir, "target/release/libfaults"), 0).

crash() -> erlang:nif_error(not_loaded).
forever() -> erlang:nif_error(not_loaded).
leak() -> erlang:nif_error(not_loaded).
panics(_) -> erlang:nif_error(not_loaded).
panics_when_dropped() -> erlang:nif_error(not_loaded).
integers(_) -> erlang:nif_error(not_loaded).
texts(_, _, _, _) -> erlang:nif_error(not_loaded).
others(_, _, _, _, _) -> erlang:nif_error(not_loaded).
maps(_) -> erlang:nif_error(not_loaded).
drawing(_) -> erlang:nif_error(not_loaded).
count(_) -> erlang:nif_error(not_loaded).
cell(_, _) -> erlang:nif_error(not_loaded).
cell_add(_, _) -> erlang:nif_error(not_loaded).
flood(_, _) -> erlang:nif_error(not_loaded).
from_thread(_) -> erlang:nif_error(not_loaded).
whole(_) -> erlang:nif_error(not_loaded).

test() ->
    values(),
    work(),
    case os:getenv("ISOLATED") of
        "1" -> isolated();
        _ -> here()
    end,
    ok.

values() ->
    Integers = {-128, 255, -1 bsl 63, 1 bsl 64 - 1, -(1 bsl 127)},
    Integers = integers(Integers),
    {0, 0, 0, 0, 1} = integers({0, 0, 0, 0, 1}),
    [{'EXIT', {badarg, _}} = (catch integers(setelement(N, Integers, V)))
     || {N, V} <- [{1, 128}, {2, -1}, {3, 1 bsl 63}, {4, -1}, {5, 1 bsl 127}, {1, 1.0}]],
    Big = binary:copy(<<"0123456789">>, 100000),
    {<<"a">>, <<"bc">>, <<1, 2>>, Big} = texts(<<"a">>, "bc", <<1, 2>>, Big),
    {<<"ö"/utf8>>, <<"ö"/utf8>>, Big, <<>>} = texts(<<"ö"/utf8>>, "ö", Big, <<>>),
    {'EXIT', {badarg, _}} = (catch texts(<<255>>, "", <<>>, <<>>)),
    {true, 2.0, name, undefined, [0.5]} = others(true, 2, name, undefined, [0.5]),
    {false, 0.25, [], 7, []} = setelement(3, others(false, 0.25, x, 7, []), []),
    #{<<"a">> := [1, 2], <<"b">> := []} = maps(#{<<"a">> => [1, 2], "b" => []}),
    Drawing = #{name => <<"d">>, visible => true, tags => #{<<"t">> => 1},
                shapes => ['Point', {'Circle', 1.5}, {'Box', #{width => 1, height => 2}}, {'Line', {-1, 1}}]},
    Drawing = drawing(Drawing),
    #{visible := undefined} = drawing(Drawing#{visible := undefined}),
    {'EXIT', {badarg, _}} = (catch drawing(#{})),
    {'EXIT', {badarg, _}} = (catch drawing(Drawing#{shapes := ['Nothing']})),
    Terms = [a, 1, 1.5, [], "abc", {}, {1, {2}}, #{}, #{a => b}, <<>>, <<1:3>>, self(), 1 bsl 100,
             maps:from_list([{N, N} || N <- lists:seq(1, 100)])],
    Terms = [whole(T) || T <- Terms].

work() ->
    1000000 = count(1000000),
    {'EXIT', {{unlucky, 13}, _}} = (catch count(13)),
    {'EXIT', {{panic, <<"oh no">>, Place}, _}} = (catch panics("oh no")),
    {match, _} = re:run(Place, "lib\\.rs:[0-9]+$"),
    {'EXIT', {{panic, <<"dropped">>, _}, _}} = (catch panics_when_dropped()),
    ok = from_thread(self()),
    receive {from, <<"a thread">>} -> ok after 5000 -> error(no_message) end,
    Cell = cell(self(), 100),
    5 = cell_add(Cell, 5),
    7 = cell_add(Cell, 2),
    {'EXIT', {badarg, _}} = (catch cell_add(make_ref(), 2)).

%% What only the plugin in the node can do: be told at once of full and dead, and drop what nobody refers to.
here() ->
    Slow = spawn(fun() -> receive stop -> ok end end),
    10 = flood(Slow, 10),
    0 = flood(Slow, 10),
    Slow ! stop,
    Monitor = monitor(process, Slow),
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    16#ffffffff = flood(Slow, 10),
    erlang:garbage_collect(),
    receive {dropped, 7} -> ok after 5000 -> error(not_dropped) end,
    %% Large resources count: garbage is collected for them, though it is only a few words.
    Self = self(),
    spawn_link(fun() -> [cell(Self, 10000000) || _ <- lists:seq(1, 1000)], Self ! done end),
    receive {dropped, 0} -> ok after 5000 -> error(not_collected) end,
    receive done -> ok end.

isolated() ->
    Other = spawn_link(fun() -> ticks(0) end),
    died(fun crash/0, "signal 11"),
    1000000 = count(1000000),
    died(fun leak/0, "signal"),
    1000000 = count(1000000),
    died(fun forever/0, "did not answer"),
    1000000 = count(1000000),
    %% Many that wait for the one program.
    Self = self(),
    [spawn_link(fun() -> 10000 = count(10000), Self ! counted end) || _ <- lists:seq(1, 50)],
    [receive counted -> ok end || _ <- lists:seq(1, 50)],
    Other ! {self(), how_many},
    receive {ticks, N} when N > 20 -> ok end.

ticks(N) ->
    receive {Who, how_many} -> Who ! {ticks, N} after 10 -> ticks(N + 1) end.

died(Fun, How) ->
    {'EXIT', {{native_died, Why}, _}} = (catch Fun()),
    {_, true} = {Why, string:find(Why, How) =/= nomatch}.
