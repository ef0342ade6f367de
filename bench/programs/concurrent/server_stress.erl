%% Ten clients with 200 messages each in their queues make N calls of a gen_server in all.
-module(server_stress).
-behaviour(gen_server).
-export([run/1, init/1, handle_call/3, handle_cast/2]).

run(N) ->
    {ok, Server} = gen_server:start_link(?MODULE, 0, []),
    Self = self(),
    Clients = [spawn_link(fun() -> client(N div 10, Server, Self) end) || _ <- lists:seq(1, 10)],
    [receive {C, done} -> ok end || C <- Clients],
    Sum = gen_server:call(Server, get),
    gen_server:stop(Server),
    Sum.

client(N, Server, Home) ->
    [self() ! {waiting, I} || I <- lists:seq(1, 200)],
    calls(N, Server),
    Home ! {self(), done}.

calls(0, _) -> ok;
calls(N, Server) ->
    ok = gen_server:call(Server, {add, [N, N + 1]}),
    calls(N - 1, Server).

init(Sum) -> {ok, Sum}.

handle_call({add, Numbers}, _, Sum) -> {reply, ok, Sum + lists:sum(Numbers)};
handle_call(get, _, Sum) -> {reply, Sum, Sum}.

handle_cast(_, Sum) -> {noreply, Sum}.
