-module(dist_flood).
-export([main/0, sink/0]).

%% Two processes send another node messages of 32 MB as fast as they can, for three seconds: the senders are
%% suspended in between, and neither node grows by more than some of the messages.
main() ->
    Here = atom_to_list(node()),
    Node = list_to_atom(os:getenv("OTHER") ++ lists:dropwhile(fun(C) -> C =/= $@ end, Here)),
    connected = connect(Node, 50),
    Sink = spawn(Node, ?MODULE, sink, []),
    Message = <<0:(32 * 1024 * 1024 * 8)>>,
    Senders = [spawn(fun() -> send(Sink, Message) end) || _ <- [1, 2]],
    Seen = [begin timer:sleep(10), status(S) end || _ <- lists:seq(1, 300), S <- Senders],
    [exit(S, kill) || S <- Senders],
    Sink ! {memory, self()},
    receive {memory, Megabytes} -> io:format("there: no more than 1 GB: ~p~n", [Megabytes < 1024]) after 60000 -> io:format("lost~n") end,
    io:format("here: no more than 1 GB: ~p~n", [megabytes() < 1024]),
    io:format("suspended at times: ~p~n", [lists:member(suspended, Seen)]),
    rpc:cast(Node, init, stop, []),
    timer:sleep(500).

connect(_, 0) -> failed;
connect(Node, N) ->
    case net_kernel:connect_node(Node) of
        true -> connected;
        _ -> timer:sleep(200), connect(Node, N - 1)
    end.

send(To, Message) -> To ! Message, send(To, Message).

status(Pid) -> element(2, process_info(Pid, status)).

sink() ->
    receive
        {memory, From} -> From ! {memory, megabytes()}, sink();
        _ -> sink()
    end.

%% What the operating system says.
megabytes() ->
    {ok, Status} = file:read_file("/proc/self/status"),
    {match, [Kilobytes]} = re:run(Status, "VmRSS:\\s+(\\d+)", [{capture, all_but_first, list}]),
    list_to_integer(Kilobytes) div 1024.
