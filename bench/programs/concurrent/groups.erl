%% Groups of ten senders and ten receivers, N groups at once: every sender of a group sends ten messages to each of
%% its receivers and waits for an acknowledgement of each.
-module(groups).
-export([run/1]).

run(N) ->
    Self = self(),
    Leaders = [spawn_link(fun() -> Self ! {self(), group()} end) || _ <- lists:seq(1, N)],
    lists:sum([receive {L, Sum} -> Sum end || L <- Leaders]).

group() ->
    Self = self(),
    Receivers = [spawn_link(fun() -> receiver(100, 0, Self) end) || _ <- lists:seq(1, 10)],
    [spawn_link(fun() -> sender(10, Receivers) end) || _ <- lists:seq(1, 10)],
    lists:sum([receive {R, Sum} -> Sum end || R <- Receivers]).

sender(0, _) -> ok;
sender(Left, Receivers) ->
    [R ! {self(), Left, "some data to carry"} || R <- Receivers],
    [receive {ack, R} -> ok end || R <- Receivers],
    sender(Left - 1, Receivers).

receiver(0, Sum, Leader) -> Leader ! {self(), Sum};
receiver(Left, Sum, Leader) ->
    receive {From, N, Data} -> From ! {ack, self()}, receiver(Left - 1, Sum + N + length(Data), Leader) end.
