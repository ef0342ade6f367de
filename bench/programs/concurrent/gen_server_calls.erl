%% N calls of one gen_server, from one caller.
-module(gen_server_calls).
-behaviour(gen_server).
-export([run/1, init/1, handle_call/3, handle_cast/2]).

run(N) ->
    {ok, Server} = gen_server:start_link(?MODULE, 0, []),
    calls(N, Server),
    Sum = gen_server:call(Server, get),
    gen_server:stop(Server),
    Sum.

calls(0, _) -> ok;
calls(N, Server) ->
    ok = gen_server:call(Server, {add, N}),
    calls(N - 1, Server).

init(Sum) -> {ok, Sum}.

handle_call({add, N}, _, Sum) -> {reply, ok, Sum + N};
handle_call(get, _, Sum) -> {reply, Sum, Sum}.

handle_cast(_, Sum) -> {noreply, Sum}.
