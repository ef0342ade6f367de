%% A ring of processes, a fan-out, and large messages: nothing lost, order kept for each pair.
-module(message_ring).
-export([main/0]).

main() ->
    io:format("~p~n", [ring(1000, 100)]),
    Me = self(),
    Senders = [spawn(fun() -> [Me ! {self(), I} || I <- lists:seq(1, 500)] end) || _ <- lists:seq(1, 20)],
    io:format("~p~n", [lists:all(fun(S) -> [receive {S, I} -> I end || _ <- lists:seq(1, 500)] =:= lists:seq(1, 500) end, Senders)]),
    Big = {binary:copy(<<"x">>, 100000), lists:seq(1, 10000), maps:from_list([{K, K} || K <- lists:seq(1, 100)])},
    Echo = spawn(fun E() -> receive {F, M} -> F ! M, E() end end),
    io:format("~p~n", [lists:all(fun(_) -> Echo ! {Me, Big}, receive Big -> true end end, lists:seq(1, 50))]),
    io:format("~p~n", [receive M -> M after 0 -> empty end]).

ring(N, Rounds) ->
    Me = self(),
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> node_loop(Next) end) end, Me, lists:seq(1, N)),
    Sum = rounds(First, Rounds, 0),
    First ! stop,
    receive stop -> Sum end.

rounds(_, 0, Sum) -> Sum;
rounds(First, R, Sum) -> First ! {token, 0}, receive {token, V} -> rounds(First, R - 1, Sum + V) end.

node_loop(Next) ->
    receive
        {token, V} -> Next ! {token, V + 1}, node_loop(Next);
        stop -> Next ! stop
    end.
