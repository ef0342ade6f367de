%% The socket and net modules: streams, datagrams, options, requests taken back, owners that end.
-module(sockets).
-export([main/0]).

main() ->
    stream(),
    datagrams(),
    control_messages(),
    options(),
    waiting(),
    owners(),
    files(),
    over_gen_tcp(),
    names().

p(Term) -> io:format("~p~n", [Term]).

loopback() -> #{family => inet, addr => loopback, port => 0}.

stream() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, loopback()),
    ok = socket:listen(L),
    {ok, Address} = socket:sockname(L),
    Self = self(),
    spawn_link(fun () ->
                       {ok, A} = socket:accept(L),
                       {ok, Data} = socket:recv(A, 5),
                       ok = socket:send(A, [Data, <<" back">>]),
                       Self ! {end_of_stream, socket:recv(A)},
                       socket:close(A)
               end),
    {ok, C} = socket:open(inet, stream),
    ok = socket:connect(C, Address),
    ok = socket:send(C, <<"hello">>),
    p(socket:recv(C, 10)),
    p(socket:recv(C, 0, 0)),
    p(socket:recv(C, 0, 20)),
    #{rstates := Read, wstates := Write} = socket:info(C),
    p({Read, Write}),
    ok = socket:shutdown(C, write),
    p(socket:send(C, <<"more">>)),
    receive {end_of_stream, How} -> p(How) end,
    p(socket:recv(C)),
    ok = socket:close(C),
    p([socket:close(C), socket:send(C, <<"x">>), socket:sockname(C)]),
    ok = socket:close(L).

pair() ->
    {ok, A} = socket:open(inet, dgram, udp),
    ok = socket:bind(A, loopback()),
    {ok, B} = socket:open(inet, dgram, udp),
    ok = socket:bind(B, loopback()),
    {ok, To} = socket:sockname(B),
    {A, B, To}.

datagrams() ->
    {A, B, To} = pair(),
    {ok, From} = socket:sockname(A),
    ok = socket:sendto(A, <<"one">>, To),
    {ok, {From, Data}} = socket:recvfrom(B),
    p(Data),
    ok = socket:sendmsg(A, #{addr => To, iov => [<<"a">>, <<>>, <<"bc">>]}),
    {ok, Message} = socket:recvmsg(B),
    p(maps:remove(addr, Message)),
    ok = socket:sendto(A, <<"longer than that">>, To),
    {ok, Cut} = socket:recvmsg(B, 6, 0),
    p(maps:remove(addr, Cut)),
    p(catch socket:sendto(A, <<"x">>, #{family => inet, addr => x})),
    [socket:close(S) || S <- [A, B]].

control_messages() ->
    {A, B, To} = pair(),
    [ok = socket:setopt(B, {ip, O}, true) || O <- [recvtos, recvttl, pktinfo]],
    ok = socket:sendmsg(A, #{addr => To, iov => [<<"x">>],
                             ctrl => [#{level => ip, type => tos, value => reliability},
                                      #{level => ip, type => ttl, data => 7}]}),
    {ok, #{ctrl := Control}} = socket:recvmsg(B),
    p(lists:sort(Control)),
    p(socket:sendmsg(A, #{addr => To, iov => [<<"x">>],
                          ctrl => [#{level => ip, type => none, value => 1}]})),
    [socket:close(S) || S <- [A, B]].

options() ->
    {ok, S} = socket:open(inet, stream, tcp),
    [p({Option, Value, socket:setopt(S, Option, Value), socket:getopt(S, Option)})
     || {Option, Value} <- [{{socket, linger}, #{onoff => true, linger => 5}},
                            {{socket, linger}, abort},
                            {{socket, linger}, 5},
                            {{socket, reuseaddr}, true},
                            {{socket, reuseaddr}, 1},
                            {{ip, tos}, lowdelay},
                            {{ip, ttl}, 33},
                            {{ip, mtu_discover}, dont},
                            {{tcp, nodelay}, true},
                            {{tcp, none}, true},
                            {{otp, rcvbuf}, {2, 1024}},
                            {{otp, rcvbuf}, default},
                            {{otp, rcvbuf}, 0},
                            {{otp, meta}, {a, [b]}}]],
    p([socket:getopt(S, {socket, O}) || O <- [domain, type, protocol, acceptconn]]),
    p(socket:getopt_native(S, {socket, 2}, integer)),
    p(socket:setopt_native(S, {socket, 2}, <<0:32>>)),
    p(socket:getopt_native(S, {socket, 2}, 4)),
    p([socket:open(inet, none), socket:open(none, stream), socket:open(inet, stream, none)]),
    socket:close(S).

waiting() ->
    {A, B, To} = pair(),
    {select, Taken} = socket:recv(B, 0, nowait),
    p([socket:cancel(B, Taken), element(1, socket:cancel(B, Taken))]),
    {select, {select_info, recvfrom, Ref}} = socket:recvfrom(B, 0, nowait),
    p(socket:accept(B, 0)),
    Self = self(),
    spawn_link(fun () -> Self ! {second, socket:recv(B, 0, 2000)} end),
    wait_for_readers(B, 2),
    ok = socket:sendto(A, <<"first">>, To),
    receive {'$socket', B, select, Ref} -> p(selected) end,
    {ok, {_, First}} = socket:recvfrom(B, 0, nowait),
    p(First),
    ok = socket:sendto(A, <<"second">>, To),
    receive {second, Second} -> p(Second) end,
    {select, {select_info, recv, Ref2}} = socket:recv(B, 0, nowait),
    ok = socket:close(B),
    receive {'$socket', B, abort, {Ref2, Why}} -> p(Why) end,
    socket:close(A).

wait_for_readers(Socket, N) ->
    case socket:info(Socket) of
        #{num_readers := N} -> ok;
        #{} -> timer:sleep(5), wait_for_readers(Socket, N)
    end.

owners() ->
    {ok, S} = socket:open(inet, dgram, udp),
    Monitor = socket:monitor(S),
    Pid = spawn(fun () -> receive stop -> ok end end),
    ok = socket:setopt(S, {otp, controlling_process}, Pid),
    p(socket:setopt(S, {otp, controlling_process}, self())),
    Pid ! stop,
    receive {'DOWN', Monitor, socket, S, Reason} -> p(Reason) end,
    p(socket:recv(S, 0, 0)).

files() ->
    {ok, L} = socket:open(inet, stream, tcp),
    ok = socket:bind(L, loopback()),
    ok = socket:listen(L),
    {ok, Address} = socket:sockname(L),
    {ok, C} = socket:open(inet, stream, tcp),
    ok = socket:connect(C, Address),
    {ok, A} = socket:accept(L),
    Name = code:which(lists),
    {ok, Bytes} = file:read_file(Name),
    {ok, File} = file:open(Name, [raw, read, binary]),
    Size = byte_size(Bytes),
    {ok, Size} = socket:sendfile(C, File, 0, 0, 5000),
    p(socket:recv(A, Size) =:= {ok, Bytes}),
    p(socket:sendfile(C, File, Size - 10, 4, 5000)),
    p(socket:recv(A, 4) =:= {ok, binary:part(Bytes, Size - 10, 4)}),
    file:close(File),
    [socket:close(S) || S <- [A, C, L]].

over_gen_tcp() ->
    {ok, L} = gen_tcp:listen(0, [{inet_backend, socket}, binary, {packet, 2}]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect("localhost", Port, [{inet_backend, socket}, binary, {packet, 2}]),
    {ok, A} = gen_tcp:accept(L),
    ok = gen_tcp:send(C, "abc"),
    receive {tcp, A, Data} -> p(Data) end,
    ok = gen_tcp:close(C),
    receive {tcp_closed, A} -> p(closed) end,
    gen_tcp:close(L).

names() ->
    p(net:getnameinfo(#{family => inet, addr => {127, 0, 0, 1}, port => 80}, [numerichost, numericserv])),
    {ok, Found} = net:getaddrinfo("127.0.0.1", "80"),
    p([maps:with([family, type, addr], Info) || Info <- Found]),
    p([net:if_name2index("lo"), net:if_name2index("none"), net:if_index2name(1)]),
    {ok, Interfaces} = net:getifaddrs(#{family => inet, flags => [loopback]}),
    p(Interfaces).
