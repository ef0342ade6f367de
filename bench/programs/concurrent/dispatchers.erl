%% N messages through one dispatcher to 100 receivers from 100 generators: one process that all goes through.
-module(dispatchers).
-export([run/1]).

run(N) ->
    Self = self(),
    Each = N div 100,
    Receivers = [spawn_link(fun() -> receiver(Each, 0, Self) end) || _ <- lists:seq(1, 100)],
    Dispatcher = spawn_link(fun dispatch/0),
    [spawn_link(fun() -> generate(Each, R, Dispatcher) end) || R <- Receivers],
    Sum = lists:sum([receive {R, Sum} -> Sum end || R <- Receivers]),
    Dispatcher ! stop,
    Sum.

dispatch() ->
    receive
        {To, Message} -> To ! Message, dispatch();
        stop -> ok
    end.

generate(0, _, _) -> ok;
generate(Left, To, Dispatcher) -> Dispatcher ! {To, [Left, <<"payload">>]}, generate(Left - 1, To, Dispatcher).

receiver(0, Sum, Home) -> Home ! {self(), Sum};
receiver(Left, Sum, Home) -> receive [N, Binary] -> receiver(Left - 1, Sum + N + byte_size(Binary), Home) end.
