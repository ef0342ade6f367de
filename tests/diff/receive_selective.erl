%% Selective receive: order, priority by pattern, guards, references.
-module(receive_selective).
-export([main/0]).

main() ->
    Me = self(),
    [Me ! M || M <- [1, {x, 2}, three, {x, 4}, 5, six]],
    io:format("~p~n", [receive {x, N} -> N end]),
    io:format("~p~n", [receive A when is_atom(A) -> A end]),
    io:format("~p~n", [receive M when is_integer(M), M > 1 -> M end]),
    io:format("~p~n", [drain()]),
    P = spawn(fun Echo() -> receive {From, Ref, Q} -> From ! {Ref, Q * 2}, Echo() end end),
    [Me ! {noise, I} || I <- lists:seq(1, 1000)],
    io:format("~p~n", [lists:sum([call(P, I) || I <- lists:seq(1, 200)])]),
    io:format("~p ~p~n", [length(drain()), process_info(self(), message_queue_len)]),
    Order = spawn(fun() -> [Me ! {seq, I} || I <- lists:seq(1, 100)] end),
    true = is_pid(Order),
    io:format("~p~n", [[receive {seq, I} -> I end || _ <- lists:seq(1, 100)] =:= lists:seq(1, 100)]).

call(P, Q) ->
    Ref = make_ref(),
    P ! {self(), Ref, Q},
    receive {Ref, A} -> A end.

drain() -> receive M -> [M | drain()] after 0 -> [] end.
