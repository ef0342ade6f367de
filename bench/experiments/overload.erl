%% The service of the experiment on overload. Connections read whatever comes and hand it to workers, one for each
%% scheduler, which do the work and answer. With `guard` a request that finds too many others in the house is
%% answered `ID busy` at once; with `open` all of them queue.
%%
%%   erl -noshell -pa DIR -run overload main guard|open
-module(overload).
-export([main/1]).

%% As many as the workers get done in some tens of milliseconds.
-define(MOST, 200).

main([Mode]) ->
    {ok, Listen} = gen_tcp:listen(0, [
        binary, {packet, line}, {active, false}, {ip, {127, 0, 0, 1}}, {nodelay, true}, {backlog, 1024}, {reuseaddr, true}
    ]),
    {ok, Port} = inet:port(Listen),
    Count = counters:new(1, [atomics]),
    Workers = list_to_tuple([spawn_link(fun() -> worker(Count) end) || _ <- lists:seq(1, erlang:system_info(schedulers))]),
    Most =
        case Mode of
            "guard" -> ?MOST;
            "open" -> infinity
        end,
    io:format("port ~b~n", [Port]),
    accept(Listen, Workers, Count, Most).

accept(Listen, Workers, Count, Most) ->
    {ok, Socket} = gen_tcp:accept(Listen),
    Pid = spawn(fun() -> receive go -> inet:setopts(Socket, [{active, true}]), connection(Socket, Workers, Count, Most) end end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listen, Workers, Count, Most).

connection(Socket, Workers, Count, Most) ->
    receive
        {tcp, Socket, Line} ->
            [Id, Work] = binary:split(Line, <<" ">>),
            %% an atom is more than every number
            case counters:get(Count, 1) < Most of
                true ->
                    counters:add(Count, 1, 1),
                    Worker = element(1 + binary_to_integer(Id) rem tuple_size(Workers), Workers),
                    Worker ! {work, Socket, Id, binary_to_integer(binary:part(Work, 0, byte_size(Work) - 1))};
                false ->
                    gen_tcp:send(Socket, [Id, " busy\n"])
            end,
            connection(Socket, Workers, Count, Most);
        {tcp_closed, Socket} -> ok;
        {tcp_error, Socket, _} -> ok
    end.

worker(Count) ->
    receive
        {work, Socket, Id, N} ->
            Result = fib(N),
            counters:sub(Count, 1, 1),
            _ = gen_tcp:send(Socket, [Id, $\s, integer_to_binary(Result), $\n]),
            worker(Count)
    end.

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
