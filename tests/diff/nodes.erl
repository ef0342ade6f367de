-module(nodes).
-export([main/0, two/1, echo/0, ends/1, receives/1]).

%% Two nodes of the emulator under test, with a name server of their own: what processes do across them.

main() ->
    Port = integer_to_list(20000 + list_to_integer(os:getpid()) rem 20000),
    [A, B] = [start(Name, Port) || Name <- [one, two]],
    io:format("~p~n", [peer:call(A, erlang, is_alive, [])]),
    Node = peer:call(B, erlang, node, []),
    [io:format("~ts~n", [Line]) || Line <- peer:call(A, ?MODULE, two, [Node], 30000)],
    [peer:stop(Peer) || Peer <- [A, B]],
    os:cmd("epmd -port " ++ Port ++ " -kill").

start(Name, Port) ->
    Options = #{name => peer:random_name(Name), connection => standard_io, env => [{"ERL_EPMD_PORT", Port}],
                args => ["-setcookie", "nodes", "-pa", filename:dirname(code:which(?MODULE))]},
    {ok, Peer, _} = peer:start(Options),
    Peer.

%% On the first node: lines to print.
two(Node) ->
    put(other, Node),
    process_flag(trap_exit, true),
    [io_lib:format("~p ~p", [What, shown(do(What))]) || What <- whats()].

whats() ->
    [ping, nodes, hidden, message, by_name, to_nobody, large, terms, alias, link, unlink, monitor, monitor_name, noproc,
     exit_signal, kill, spawn_monitor, spawn_request, bad_option, bad_node, abandoned, group_leader, fifo, local_only,
     timeout, erpc, erpc_error, no_connect, remote_port, nodeup_down].

%% Pids, references and names of nodes differ from run to run.
shown(T) when is_pid(T); is_reference(T); is_port(T) -> {id, node(T) =:= node()};
shown(T) when is_atom(T) ->
    case get(other) of T -> other; _ when T =:= node() -> this; _ -> T end;
shown([H | T]) -> [shown(H) | shown(T)];
shown(T) when is_tuple(T) -> list_to_tuple(shown(tuple_to_list(T)));
shown(T) when is_map(T) -> maps:from_list(shown(maps:to_list(T)));
shown(T) -> T.

do(ping) -> net_adm:ping(get(other));
do(nodes) -> {nodes(), nodes([this, connected])};
do(hidden) -> {nodes(hidden), [{N, M} || {N, M} <- erlang:nodes(visible, #{node_type => true})]};
do(message) -> ask(echo, hello);
do(by_name) ->
    Pid = spawn(get(other), ?MODULE, echo, []),
    true = rpc:call(get(other), erlang, register, [nodes_echo, Pid]),
    {nodes_echo, get(other)} ! {self(), named},
    got();
do(to_nobody) -> {nobody, get(other)} ! lost;
do(large) ->
    Bytes = binary:copy(<<"0123456789abcdef">>, 50000),
    {_, {Back, List}} = ask(echo, {Bytes, lists:seq(1, 50000)}),
    {Back =:= Bytes, List =:= lists:seq(1, 50000)};
do(terms) ->
    Terms = [1, -1, 1 bsl 100, -1.5, <<>>, <<1:3>>, [], [a | b], #{}, #{a => [b]}, {}, 'å', 'ж', "text", fun lists:map/2,
             maps:from_list([{N, N} || N <- lists:seq(1, 100)])],
    {_, Back} = ask(echo, Terms),
    Back =:= Terms;
do(alias) ->
    Alias = alias([reply]),
    spawn(get(other), fun() -> Alias ! first, Alias ! second end),
    [got(), got(300)];
do(link) ->
    Pid = spawn_link(get(other), ?MODULE, ends, [by_link]),
    Pid ! go,
    got();
do(unlink) ->
    Pid = spawn_link(get(other), ?MODULE, ends, [unheard]),
    unlink(Pid),
    Pid ! go,
    got(300);
do(monitor) ->
    Pid = spawn(get(other), ?MODULE, ends, [{watched, [1, 2]}]),
    monitor(process, Pid),
    Pid ! go,
    got();
do(monitor_name) ->
    monitor(process, {nodes_echo, get(other)}),
    {nodes_echo, get(other)} ! stop,
    got();
do(noproc) ->
    Pid = spawn(get(other), ?MODULE, ends, [x]),
    monitor(process, Pid),
    Pid ! go,
    First = got(),
    monitor(process, Pid),
    link(Pid),
    monitor(process, {nobody, get(other)}),
    [First | lists:sort([got(), got(), got()])];
do(exit_signal) ->
    Pid = spawn_link(get(other), ?MODULE, ends, [x]),
    exit(Pid, {told, "to"}),
    got();
do(kill) ->
    {Pid, _} = spawn_monitor(get(other), ?MODULE, ends, [x]),
    exit(Pid, kill),
    got();
do(spawn_monitor) ->
    Options = [{monitor, [{tag, down}]}, {min_heap_size, 1000}],
    Ref = spawn_request(get(other), ?MODULE, ends, [tagged], [{reply_tag, made} | Options]),
    {made, Ref, ok, Pid} = got(),
    Pid ! go,
    got();
do(spawn_request) ->
    Ref = spawn_request(get(other), ?MODULE, ends, [x], [link, {reply, error_only}]),
    [is_reference(Ref), got(300)];
do(bad_option) ->
    Ref = spawn_request(get(other), ?MODULE, ends, [x], [{priority, none}]),
    {spawn_reply, Ref, error, badopt} =:= got();
do(bad_node) ->
    Ref = spawn_request('nobody@nohost.invalid', ?MODULE, ends, [x], []),
    {spawn_reply, Ref, error, noconnection} =:= got(10000);
do(abandoned) ->
    Self = self(),
    Ref = spawn_request(get(other), fun() -> process_flag(trap_exit, true), receive M -> Self ! M end end, [link]),
    Gone = spawn_request_abandon(Ref),
    {Gone, got(), spawn_request_abandon(Ref)};
do(group_leader) ->
    spawn(get(other), ?MODULE, receives, [self()]),
    {leader, Leader} = got(),
    Leader =:= group_leader();
do(fifo) ->
    Self = self(),
    spawn(get(other), fun() -> [Self ! N || N <- lists:seq(1, 2000)] end),
    [receive M -> M end || _ <- lists:seq(1, 2000)] =:= lists:seq(1, 2000);
do(local_only) ->
    Pid = spawn(get(other), ?MODULE, echo, []),
    [catch is_process_alive(Pid), catch process_info(Pid), catch register(x, Pid), catch erlang:send_after(1, Pid, x)];
do(timeout) ->
    catch gen_server:call({nodes_no_server, get(other)}, x, 100);
do(erpc) -> erpc:call(get(other), erlang, node, []);
do(erpc_error) ->
    try erpc:call(get(other), erlang, error, [oops]) catch Class:{exception, Reason, _} -> {Class, Reason} end;
do(no_connect) ->
    [erlang:send({x, 'nobody@nohost.invalid'}, x, [noconnect]), erlang:send({x, get(other)}, x, [noconnect])];
do(remote_port) ->
    Port = rpc:call(get(other), erlang, hd, [rpc:call(get(other), erlang, ports, [])]),
    [catch link(Port), catch monitor(port, Port), catch erlang:port_info(Port), is_port(Port)];
do(nodeup_down) ->
    ok = net_kernel:monitor_nodes(true, [nodedown_reason, {node_type, all}]),
    monitor_node(get(other), true),
    {Pid, _} = spawn_monitor(get(other), ?MODULE, ends, [x]),
    link(Pid),
    true = net_kernel:disconnect(get(other)),
    Down = lists:sort([got(), got(), got(), got()]),
    pong = net_adm:ping(get(other)),
    {Down, got(), nodes()}.

ask(Function, What) ->
    Pid = spawn(get(other), ?MODULE, Function, []),
    Pid ! {self(), What},
    got().

got() -> got(5000).
got(Time) -> receive M -> M after Time -> nothing end.

echo() ->
    receive
        {From, X} -> From ! {self(), X}, echo();
        stop -> exit(stopped)
    end.

ends(Reason) -> receive go -> exit(Reason) end.

receives(To) -> To ! {leader, group_leader()}.
