%% The service of the experiments on latency and connections: answers each line `ID WORK` with `ID fib(WORK)`, one
%% process for each connection. Prints the port that it listens on.
%%
%%   erl -noshell -pa DIR -run service main
-module(service).
-export([main/0]).

main() ->
    {ok, Listen} = gen_tcp:listen(0, [
        binary, {packet, line}, {active, false}, {ip, {127, 0, 0, 1}}, {nodelay, true}, {backlog, 1024}, {reuseaddr, true}
    ]),
    {ok, Port} = inet:port(Listen),
    io:format("port ~b~n", [Port]),
    accept(Listen).

accept(Listen) ->
    {ok, Socket} = gen_tcp:accept(Listen),
    Pid = spawn(fun() -> receive go -> answer(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listen).

answer(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Line} ->
            [Id, Work] = binary:split(Line, <<" ">>),
            Result = fib(binary_to_integer(binary:part(Work, 0, byte_size(Work) - 1))),
            ok = gen_tcp:send(Socket, [Id, $\s, integer_to_binary(Result), $\n]),
            answer(Socket);
        {error, _} ->
            gen_tcp:close(Socket)
    end.

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
