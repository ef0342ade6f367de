%% N requests answered while 2000 other messages wait in the queue: matched once by a tag that every message is
%% tried with, and once by a fresh reference, which lets the receiver skip what came before it.
-module(selective_receive).
-export([run/1]).

run(N) ->
    Self = self(),
    [Self ! {noise, I} || I <- lists:seq(1, 2000)],
    Server = spawn_link(fun serve/0),
    A = by_tag(N div 20, Server, 0),
    B = by_reference(N, Server, 0),
    Server ! stop,
    A + B + drain(0).

serve() ->
    receive
        {tag, From, N} -> From ! {answer, N}, serve();
        {reference, From, Ref, N} -> From ! {Ref, N}, serve();
        stop -> ok
    end.

by_tag(0, _, Sum) -> Sum;
by_tag(N, Server, Sum) ->
    Server ! {tag, self(), N},
    receive {answer, M} -> by_tag(N - 1, Server, Sum + M) end.

by_reference(0, _, Sum) -> Sum;
by_reference(N, Server, Sum) ->
    Ref = make_ref(),
    Server ! {reference, self(), Ref, N},
    receive {Ref, M} -> by_reference(N - 1, Server, Sum + M) end.

drain(Sum) ->
    receive {noise, I} -> drain(Sum + I) after 0 -> Sum end.
