%% A gen_server from start to stop: call, cast, info, timeouts, crashes, replies later.
-module(gen_server_life).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2, code_change/3]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    {ok, P} = gen_server:start_link({local, srv}, ?MODULE, 10, []),
    io:format("~p~n", [gen_server:call(srv, get)]),
    gen_server:cast(P, {add, 5}),
    P ! {add, 7},
    io:format("~p~n", [gen_server:call(P, get)]),
    io:format("~p~n", [gen_server:call(P, later)]),
    io:format("~p~n", [try gen_server:call(P, silence, 50) catch exit:{timeout, {gen_server, call, [_, Q, T]}} -> {timeout, Q, T} end]),
    io:format("~p~n", [sys:get_state(P)]),
    io:format("~p~n", [sys:replace_state(P, fun(S) -> S * 2 end)]),
    Req = gen_server:send_request(P, get),
    io:format("~p~n", [gen_server:wait_response(Req, 1000)]),
    io:format("~p~n", [try gen_server:call(P, crash) catch exit:{{B, _}, _} -> B end]),
    io:format("~p~n", [receive {'EXIT', P, {boom, [_ | _]}} -> boom end]),
    io:format("~p~n", [whereis(srv)]),
    io:format("~p~n", [gen_server:start(?MODULE, stop, [])]),
    io:format("~p~n", [gen_server:start(?MODULE, ignore, [])]),
    io:format("~p~n", [try gen_server:call(srv, x) catch exit:{R, _} -> R end]),
    {ok, P2} = gen_server:start_link(?MODULE, 1, []),
    io:format("~p~n", [gen_server:stop(P2)]),
    io:format("~p~n", [receive {'EXIT', P2, R2} -> R2 end]),
    {ok, P3} = gen_server:start_link(?MODULE, continue, []),
    io:format("~p~n", [gen_server:call(P3, get)]),
    io:format("~p~n", [gen_server:call(P3, stop)]),
    io:format("~p~n", [receive {'EXIT', P3, R3} -> R3 end]),
    {ok, P4} = gen_server:start(?MODULE, 0, [{timeout, 1000}, {spawn_opt, [{priority, low}]}]),
    io:format("~p~n", [[catch gen_server:call(P4, {reply, N}) || N <- [1, 2]]]),
    io:format("~p~n", [gen_server:multi_call([node()], srv, get)]).

init(stop) -> {stop, not_today};
init(ignore) -> ignore;
init(continue) -> {ok, 0, {continue, 42}};
init(N) -> {ok, N}.
handle_continue(N, _) -> {noreply, N}.
handle_call(get, _, N) -> {reply, N, N};
handle_call(later, From, N) -> spawn(fun() -> gen_server:reply(From, {late, N}) end), {noreply, N};
handle_call(silence, _, N) -> {noreply, N};
handle_call(crash, _, _) -> error(boom);
handle_call(stop, _, N) -> {stop, shutdown, stopping, N};
handle_call({reply, X}, _, N) -> {reply, X + N, X + N, hibernate}.
handle_cast({add, X}, N) -> {noreply, N + X}.
handle_info({add, X}, N) -> {noreply, N + X};
handle_info(_, N) -> {noreply, N}.
terminate(R, N) when is_atom(R) -> io:format("terminate ~p ~p~n", [R, N]);
terminate(_, _) -> io:format("terminate after a crash~n").
code_change(_, S, _) -> {ok, S}.
