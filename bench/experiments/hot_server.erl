%% One value that all want: 16 processes read it N times in all from one gen_server, from eight partitioned ones,
%% from an ETS table and from a persistent term. The figures are reads in a second.
-module(hot_server).
-behaviour(gen_server).
-export([run/1, init/1, handle_call/3, handle_cast/2]).

-define(CLIENTS, 16).
-define(PARTS, 8).

run(N) ->
    Each = N div ?CLIENTS,
    One = start(),
    Parts = list_to_tuple([start() || _ <- lists:seq(1, ?PARTS)]),
    Table = ets:new(values, [public, {read_concurrency, true}]),
    ets:insert(Table, [{K, K} || K <- lists:seq(0, 99)]),
    persistent_term:put(?MODULE, maps:from_list([{K, K} || K <- lists:seq(0, 99)])),
    Ways = [
        {one_server, fun(K) -> gen_server:call(One, {get, K}) end, Each},
        {eight_servers, fun(K) -> gen_server:call(element(1 + K rem ?PARTS, Parts), {get, K}) end, Each},
        %% reads without a process are so much faster that they need more of them to be timed
        {ets, fun(K) -> ets:lookup_element(Table, K, 2) end, 10 * Each},
        {persistent_term, fun(K) -> map_get(K, persistent_term:get(?MODULE)) end, 10 * Each}
    ],
    Timed = [{Name, time(Read, Count)} || {Name, Read, Count} <- Ways],
    [gen_server:stop(S) || S <- [One | tuple_to_list(Parts)]],
    ets:delete(Table),
    persistent_term:erase(?MODULE),
    {lists:sum([Sum || {_, {Sum, _}} <- Timed]), [{Name, PerSecond} || {Name, {_, PerSecond}} <- Timed]}.

start() ->
    {ok, Server} = gen_server:start_link(?MODULE, maps:from_list([{K, K} || K <- lists:seq(0, 99)]), []),
    Server.

time(Read, Each) ->
    Self = self(),
    Start = erlang:monotonic_time(microsecond),
    Clients = [spawn_link(fun() -> Self ! {self(), reads(Each, C, Read, 0)} end) || C <- lists:seq(1, ?CLIENTS)],
    Sum = lists:sum([receive {C, S} -> S end || C <- Clients]),
    Elapsed = max(1, erlang:monotonic_time(microsecond) - Start),
    {Sum, Each * ?CLIENTS * 1000000 div Elapsed}.

reads(0, _, _, Sum) -> Sum;
reads(Left, K, Read, Sum) -> reads(Left - 1, (K * 7 + 3) rem 100, Read, Sum + Read(K)).

init(Values) -> {ok, Values}.

handle_call({get, K}, _, Values) -> {reply, map_get(K, Values), Values}.

handle_cast(_, Values) -> {noreply, Values}.
