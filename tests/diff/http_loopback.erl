%% A server and a client of HTTP, inets' own, over the loopback interface: files, ranges, methods,
%% a posted body, errors, many requests at once, and what comes after the server has gone.
-module(http_loopback).
-export([main/0, do/1]).
-include_lib("inets/include/httpd.hrl").

main() ->
    %% Reports of applications that stop have the time in them.
    ok = logger:set_primary_config(level, error),
    Root = root(),
    ok = inets:start(),
    {ok, Server} = inets:start(httpd, [
        {port, 0}, {bind_address, {127, 0, 0, 1}}, {server_name, "loopback"},
        {server_root, Root}, {document_root, Root},
        {mime_types, [{"html", "text/html"}, {"txt", "text/plain"}]},
        {modules, [?MODULE, mod_range, mod_get, mod_head]}
    ]),
    [{port, Port}] = httpd:info(Server, [port]),
    Url = "http://127.0.0.1:" ++ integer_to_list(Port),
    Large = binary:copy(<<"0123456789abcdef">>, 20000),

    show(get, request(get, {Url ++ "/small.txt", []}, [])),
    {{200, _, Body}, _} = {request(get, {Url ++ "/large.html", []}, []), large},
    show(large, {byte_size(Body), Body =:= Large}),
    %% The server closes after HEAD and doesn't say so: the client must not keep the connection.
    show(head, request(head, {Url ++ "/large.html", [{"connection", "close"}]}, [])),
    show(range, request(get, {Url ++ "/large.html", [{"range", "bytes=16-31"}]}, [])),
    show(missing, status(request(get, {Url ++ "/nothing", []}, []))),
    show(method, status(request(delete, {Url ++ "/small.txt", []}, []))),
    show(posted, request(post, {Url ++ "/echo", [], "text/plain", "some body"}, [])),
    {200, _, Back} = request(post, {Url ++ "/echo", [], "text/plain", Large}, []),
    show(posted_large, Back =:= Large),
    show(chunked, request(post, {Url ++ "/echo", [], "text/plain", {chunkify, fun chunk/1, 3}}, [])),
    show(slow, request(get, {Url ++ "/slow", []}, [{timeout, 50}])),
    show(relative, status(request(get, {Url ++ "/../small.txt", []}, []))),

    Self = self(),
    Many = [spawn_link(fun() -> Self ! {self(), request(get, {Url ++ "/small.txt", []}, [])} end)
            || _ <- lists:seq(1, 20)],
    show(many, lists:usort([receive {Pid, Answer} -> Answer end || Pid <- Many])),
    show(streamed, streamed(Url ++ "/large.html") =:= Large),
    show(by_hand, by_hand(Port, "GET /small.txt HTTP/1.0\r\n\r\n")),

    ok = inets:stop(httpd, Server),
    {error, {failed_connect, Reasons}} = httpc:request(get, {Url ++ "/small.txt", []}, [], []),
    show(gone, [Reason || {inet, _, Reason} <- Reasons]),
    ok = inets:stop(),
    ok = file:del_dir_r(Root).

%% The server's module for what isn't a file.
do(#mod{request_uri = "/echo", method = "POST", entity_body = Body}) ->
    {proceed, [{response, {200, Body}}]};
do(#mod{request_uri = "/slow"}) ->
    timer:sleep(1000),
    {proceed, [{response, {200, "late"}}]};
do(#mod{data = Data}) ->
    {proceed, Data}.

chunk(0) -> eof;
chunk(N) -> {ok, ["chunk ", integer_to_list(N), "\n"], N - 1}.

request(Method, Request, Options) ->
    case httpc:request(Method, Request, Options, [{body_format, binary}]) of
        {ok, {{_, Status, _}, Headers, Body}} ->
            Kept = [Header || {Name, _} = Header <- Headers, lists:member(Name, ["content-type", "content-length", "content-range"])],
            {Status, lists:sort(Kept), Body};
        {error, Reason} ->
            {error, Reason}
    end.

status({Status, _, _}) -> Status;
status(Error) -> Error.

streamed(Url) ->
    {ok, Id} = httpc:request(get, {Url, []}, [], [{sync, false}, {stream, self}, {body_format, binary}]),
    receive {http, {Id, stream_start, _}} -> streamed(Id, []) end.

streamed(Id, Parts) ->
    receive
        {http, {Id, stream, Part}} -> streamed(Id, [Part | Parts]);
        {http, {Id, stream_end, _}} -> iolist_to_binary(lists:reverse(Parts))
    end.

%% The first line and the last of what the server says to these bytes.
by_hand(Port, Bytes) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]),
    ok = gen_tcp:send(Socket, Bytes),
    Lines = binary:split(all(Socket, <<>>), <<"\r\n">>, [global]),
    {hd(Lines), byte_size(lists:last(Lines))}.

all(Socket, Before) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, Data} -> all(Socket, <<Before/binary, Data/binary>>);
        {error, closed} -> Before
    end.

root() ->
    Root = filename:join(os:getenv("TMPDIR", "/tmp"), "http_loopback." ++ os:getpid()),
    ok = filelib:ensure_dir(filename:join(Root, "any")),
    ok = file:write_file(filename:join(Root, "small.txt"), "a small file\n"),
    ok = file:write_file(filename:join(Root, "large.html"), binary:copy(<<"0123456789abcdef">>, 20000)),
    Root.

show(What, Value) -> io:format("~p: ~p~n", [What, Value]).
