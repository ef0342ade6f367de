%% Stream sockets whose other end is gone: what senders, readers and owners hear of it, and when.
-module(tcp_lost).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    [send_fails(Options, Then) || Options <- [[], [{show_econnreset, true}], [{exit_on_close, false}]],
                                  Then <- [once, true, recv, send]],
    [queue_fails(Options, Then) || Options <- [[], [{show_econnreset, true}]], Then <- [once, recv, send, active]],
    end_behind_data(),
    options().

pair(Options) ->
    {ok, Listen} = gen_tcp:listen(0, [{active, false}, {ip, {127, 0, 0, 1}}, {recbuf, 4096}]),
    {ok, Port} = inet:port(Listen),
    {ok, A} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false}, {sndbuf, 4096} | Options]),
    {ok, B} = gen_tcp:accept(Listen),
    gen_tcp:close(Listen),
    {A, B}.

show(Name, Result) ->
    io:format("~p ~p~n", [Name, Result]).

messages() ->
    receive
        M when is_tuple(M) -> [anonymous(M) | messages()]
    after 100 -> []
    end.

anonymous({'EXIT', _, Reason}) -> {'EXIT', socket, Reason};
anonymous(M) -> setelement(2, M, socket).

%% A send to one that has ended fails, once its reset has come.
send_fails(Options, Then) ->
    {A, B} = pair(Options),
    gen_tcp:close(B), timer:sleep(20),
    First = until_error(A, 20),
    show({send_fails, Options, Then}, {First, messages(), then(A, Then), messages(), then(A, Then), messages()}),
    gen_tcp:close(A), messages().

until_error(_, 0) -> never;
until_error(A, N) ->
    case gen_tcp:send(A, "hello") of
        ok -> timer:sleep(20), until_error(A, N - 1);
        Error -> Error
    end.

then(A, recv) -> gen_tcp:recv(A, 0, 1000);
then(A, send) -> gen_tcp:send(A, "again");
then(A, active) -> inet:setopts(A, [{active, true}]);
then(A, Active) -> inet:setopts(A, [{active, Active}]).

%% What waits in the socket's queue can't be written any more.
queue_fails(Options, Then) ->
    {A, B} = pair(Options),
    inet:setopts(B, [{linger, {true, 0}}]),
    case Then of
        active -> inet:setopts(A, [{active, true}]);
        _ -> ok
    end,
    Sent = gen_tcp:send(A, binary:copy(<<$.>>, 1 bsl 20)),
    {queue_size, Size} = erlang:port_info(A, queue_size),
    gen_tcp:close(B), timer:sleep(50),
    show({queue_fails, Options, Then}, {Sent, Size > 0, messages(), then(A, Then), messages(), then(A, Then), messages()}),
    gen_tcp:close(A), messages().

%% The end comes with the last bytes, or right behind.
end_behind_data() ->
    Run = fun(Active, Size) ->
                  {A, B} = pair([binary]),
                  inet:setopts(B, [binary | [{active, Active} || Active =/= late]]),
                  gen_tcp:send(A, binary:copy(<<$x>>, Size)), gen_tcp:shutdown(A, write),
                  Active =:= late andalso inet:setopts(B, [{active, true}]),
                  Got = collect(B, Active, 0),
                  gen_tcp:close(A), gen_tcp:close(B),
                  Got
          end,
    show(end_behind_data, [[Run(Active, Size) || Active <- [true, once, false, late]] || Size <- [1, 1459, 1460, 1461, 2920]]).

collect(B, false, N) ->
    case gen_tcp:recv(B, 0, 2000) of
        {ok, D} -> collect(B, false, N + byte_size(D));
        {error, Reason} -> {N, Reason}
    end;
collect(B, Active, N) ->
    receive
        {tcp, B, D} ->
            Active =:= once andalso inet:setopts(B, [{active, once}]),
            collect(B, Active, N + byte_size(D));
        {tcp_closed, B} -> {N, closed}
    after 2000 -> {N, timeout}
    end.

options() ->
    {A, _} = pair([]),
    {ok, [{Address, Port}]} = inet:socknames(A),
    show(socknames, {Address, {ok, Port} =:= inet:port(A)}),
    {ok, U} = gen_udp:open(0, [{ip, {127, 0, 0, 1}}]),
    {ok, [{Of, _}]} = inet:socknames(U),
    show(socknames, Of),
    show(netns, [inet:getopts(U, [netns]), inet:setopts(U, [{netns, "/proc/self/ns/net"}]), inet:getopts(U, [netns])]),
    show(no_such_netns, gen_tcp:listen(0, [{netns, "/no/such/file"}])),
    show(device, [inet:setopts(U, [{bind_to_device, <<"lo">>}]), inet:getopts(U, [bind_to_device])]).
