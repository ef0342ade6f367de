-module(flood).
-export([main/0]).

main() ->
    Self = self(),
    P = spawn(fun() -> receive {go, N} -> receive_all(N, 0) end, Self ! done, receive stop -> ok end end),
    N = 3000000,
    Senders = [spawn_monitor(fun() -> [P ! {K, I, <<"some payload">>} || I <- lists:seq(1, N div 4)] end) || K <- lists:seq(1, 4)],
    [receive {'DOWN', R, _, _, Why} -> normal = Why end || {_, R} <- Senders],
    {message_queue_len, Q} = process_info(P, message_queue_len),
    io:format("queue ~p~n", [Q]),
    P ! {go, N},
    receive done -> io:format("all taken~n") after 300000 -> io:format("not taken~n") end,
    erlang:garbage_collect(P),
    {memory, M} = process_info(P, memory),
    io:format("small again ~p~n", [M < 1000000]),
    P ! stop.

receive_all(0, _) -> ok;
receive_all(N, _) ->
    receive {_, _, <<"some payload">>} -> receive_all(N - 1, N) end.
