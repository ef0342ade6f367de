%% Bytes there and back over loopback: N rounds of every way to read, with small blocks and large ones, over one
%% connection and over ten at once.
-module(tcp_echo).
-export([run/1, run/5]).

run(N) ->
    lists:sum([
        run(Active, Packet, Size, Connections, N * Rounds div Connections)
     || {Size, Rounds} <- [{64, 8}, {65536, 1}],
        Connections <- [1, 10],
        Packet <- [raw, 4],
        Active <- [false, true, once, 50]
    ]).

%% Each of the connections sends N blocks, one after the other is back. The sum of all that came.
run(Active, Packet, Size, Connections, N) ->
    Options = [binary, {packet, Packet}, {active, false}, {nodelay, true}, {ip, {127, 0, 0, 1}}],
    {ok, Listener} = gen_tcp:listen(0, [{backlog, 100} | Options]),
    {ok, Port} = inet:port(Listener),
    Server = spawn_link(fun() -> accept(Listener, Active) end),
    ok = gen_tcp:controlling_process(Listener, Server),
    Block = binary:copy(<<"0123456789abcdef">>, Size div 16),
    Self = self(),
    Clients = [spawn_link(fun() -> client(Self, Port, Options, Active, Block, N) end) || _ <- lists:seq(1, Connections)],
    Sum = lists:sum([receive {Client, Bytes} -> Bytes end || Client <- Clients]),
    unlink(Server),
    exit(Server, kill),
    Sum.

accept(Listener, Active) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Echo = spawn(fun() -> receive start -> ok end, activate(Socket, Active), echo(Socket, Active) end),
    ok = gen_tcp:controlling_process(Socket, Echo),
    Echo ! start,
    accept(Listener, Active).

activate(_, false) -> ok;
activate(Socket, Active) -> ok = inet:setopts(Socket, [{active, Active}]).

echo(Socket, Active) ->
    case next(Socket, Active) of
        closed ->
            ok;
        Data ->
            ok = gen_tcp:send(Socket, Data),
            echo(Socket, Active)
    end.

client(Home, Port, Options, Active, Block, N) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, Options),
    activate(Socket, Active),
    Sum = rounds(Socket, Active, Block, N, 0),
    ok = gen_tcp:close(Socket),
    Home ! {self(), Sum}.

rounds(_, _, _, 0, Sum) ->
    Sum;
rounds(Socket, Active, Block, N, Sum) ->
    ok = gen_tcp:send(Socket, Block),
    rounds(Socket, Active, Block, N - 1, Sum + back(Socket, Active, byte_size(Block), 0)).

back(_, _, 0, Sum) ->
    Sum;
back(Socket, Active, Left, Sum) ->
    Data = next(Socket, Active),
    back(Socket, Active, Left - byte_size(Data), Sum + byte_size(Data) + binary:first(Data)).

next(Socket, false) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Data} -> Data;
        {error, closed} -> closed
    end;
next(Socket, Active) ->
    receive
        {tcp, Socket, Data} when Active =:= once ->
            ok = inet:setopts(Socket, [{active, once}]),
            Data;
        {tcp, Socket, Data} ->
            Data;
        {tcp_passive, Socket} ->
            ok = inet:setopts(Socket, [{active, Active}]),
            next(Socket, Active);
        {tcp_closed, Socket} ->
            closed
    end.
