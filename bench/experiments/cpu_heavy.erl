%% A service with light and heavy requests, where the heavy work is done in up to four places: in the server itself, in
%% a pool of tasks, in a native library (on a dirty scheduler), and in a plugin (which says nothing of how long it takes). N light requests are sent, one each millisecond;
%% every twentieth comes with a heavy one. Figures: the times of both.
-module(cpu_heavy).
-behaviour(gen_server).
-export([prepare/1, run/1, init/1, handle_call/3, handle_cast/2, handle_info/2, native/1]).

-define(WORK, 27).

prepare(N) ->
    Library = filename:join(filename:dirname(code:which(?MODULE)), "heavy_nif"),
    Native = erlang:load_nif(Library, 0) =:= ok,
    {N, [native || Native] ++ [plugin || heavy_plugin:load() =:= ok]}.

native(_) -> erlang:nif_error(not_loaded).

run({N, Loaded}) ->
    Ways = [inline, pool | Loaded],
    Timed = [way(Way, N) || Way <- Ways],
    {lists:sum([Sum || {Sum, _} <- Timed]) div length(Ways), lists:append([Figures || {_, Figures} <- Timed])}.

way(Way, N) ->
    {ok, Server} = gen_server:start_link(?MODULE, Way, []),
    Self = self(),
    requests(N, Server, Self, erlang:monotonic_time(microsecond)),
    Heavy = [receive {heavy, X, T} -> {X, T} end || _ <- lists:seq(1, N div 20)],
    Light = [receive {light, T} -> T end || _ <- lists:seq(1, N)],
    gen_server:stop(Server),
    {lists:sum([X || {X, _} <- Heavy]), figures(Way, light, Light) ++ figures(Way, heavy, [T || {_, T} <- Heavy])}.

figures(Way, Kind, Times) ->
    Sorted = lists:sort(Times),
    At = fun(Part) -> lists:nth(1 + trunc((length(Sorted) - 1) * Part), Sorted) end,
    Name = fun(What) -> list_to_atom(lists:concat([Way, "_", Kind, "_", What])) end,
    [{Name("p50_us"), At(0.5)}, {Name("p99_us"), At(0.99)}, {Name("max_us"), At(1.0)}].

%% The time of a request counts from when it was due, so that one that could not even be sent is not forgotten; from
%% when it was sent if that was before.
requests(0, _, _, _) -> ok;
requests(N, Server, Home, Due) ->
    wait(Due - erlang:monotonic_time(microsecond)),
    From = min(Due, erlang:monotonic_time(microsecond)),
    N rem 20 =:= 0 andalso gen_server:cast(Server, {heavy, From, Home}),
    gen_server:cast(Server, {light, From, Home}),
    requests(N - 1, Server, Home, Due + 1000).

wait(Micros) when Micros >= 1000 -> timer:sleep(Micros div 1000);
wait(_) -> ok.

init(Way) ->
    Pool = list_to_tuple([spawn_link(fun worker/0) || Way =:= pool, _ <- lists:seq(1, erlang:system_info(schedulers))]),
    {ok, {Way, Pool, 0}}.

handle_cast({light, From, Home}, State) ->
    Home ! {light, since(From)},
    {noreply, State};
handle_cast({heavy, From, Home}, {inline, _, _} = State) ->
    Home ! {heavy, fib(?WORK), since(From)},
    {noreply, State};
handle_cast({heavy, From, Home}, {pool, Pool, Next}) ->
    element(1 + Next rem tuple_size(Pool), Pool) ! {heavy, From, Home},
    {noreply, {pool, Pool, Next + 1}};
handle_cast({heavy, From, Home}, {native, _, _} = State) ->
    spawn_link(fun() -> Home ! {heavy, native(?WORK), since(From)} end),
    {noreply, State};
handle_cast({heavy, From, Home}, {plugin, _, _} = State) ->
    spawn_link(fun() -> Home ! {heavy, heavy_plugin:fib(?WORK), since(From)} end),
    {noreply, State}.

handle_call(_, _, State) -> {reply, ok, State}.

handle_info(_, State) -> {noreply, State}.

worker() -> receive {heavy, From, Home} -> Home ! {heavy, fib(?WORK), since(From)}, worker() end.

since(From) -> erlang:monotonic_time(microsecond) - From.

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
