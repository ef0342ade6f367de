%% A web server: OTP's own httpd with a module that answers, or a small one on gen_tcp. Prints the port.
%%
%%   erl -noshell -pa DIR -run web_server main httpd|gen_tcp
-module(web_server).
-export([main/1, do/1]).

-define(BODY, "{\"greeting\":\"hello\",\"numbers\":[1,2,3,4,5,6,7,8,9,10]}").

main(["httpd"]) ->
    {ok, _} = application:ensure_all_started(inets),
    Root = os:getenv("TMPDIR", "/tmp"),
    {ok, Pid} = inets:start(httpd, [
        {port, 0}, {bind_address, {127, 0, 0, 1}}, {server_name, "bench"}, {server_root, Root}, {document_root, Root},
        {modules, [?MODULE]}, {socket_type, {ip_comm, [{nodelay, true}]}}, {max_clients, 500}, {max_keep_alive_request, 100000000}
    ]),
    [{port, Port}] = httpd:info(Pid, [port]),
    io:format("port ~b~n", [Port]),
    timer:sleep(infinity);
main(["gen_tcp"]) ->
    {ok, Listen} = gen_tcp:listen(0, [
        binary, {packet, http_bin}, {active, false}, {ip, {127, 0, 0, 1}}, {nodelay, true}, {backlog, 1024}, {reuseaddr, true}
    ]),
    {ok, Port} = inet:port(Listen),
    io:format("port ~b~n", [Port]),
    accept(Listen).

%% httpd's way of asking a module.
do(_) ->
    Body = ?BODY,
    Head = [{code, 200}, {content_type, "application/json"}, {content_length, integer_to_list(length(Body))}],
    {proceed, [{response, {response, Head, Body}}]}.

accept(Listen) ->
    {ok, Socket} = gen_tcp:accept(Listen),
    Pid = spawn(fun() -> receive go -> requests(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listen).

requests(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, {http_request, 'GET', _, _}} -> headers(Socket);
        _ -> gen_tcp:close(Socket)
    end.

headers(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, http_eoh} ->
            Head = <<"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ">>,
            ok = gen_tcp:send(Socket, [Head, integer_to_list(length(?BODY)), "\r\n\r\n", ?BODY]),
            requests(Socket);
        {ok, _} -> headers(Socket);
        {error, _} -> gen_tcp:close(Socket)
    end.
