%% Messages from one word to a list of 1000 elements and a large binary between two processes, N rounds: copying.
-module(message_sizes).
-export([run/1]).

run(N) ->
    Self = self(),
    Messages = [x, {a, 1}, lists:seq(1, 10), lists:seq(1, 1000), #{k => lists:seq(1, 100)}, binary:copy(<<"b">>, 100000)],
    Echo = spawn_link(fun echo/0),
    Sum = rounds(N, Messages, Echo, Self, 0),
    Echo ! stop,
    Sum.

echo() ->
    receive {From, M} -> From ! {back, M}, echo(); stop -> ok end.

rounds(0, _, _, _, Sum) -> Sum;
rounds(N, Messages, Echo, Self, Sum) ->
    [Echo ! {Self, M} || M <- Messages],
    Sizes = [receive {back, B} -> size_of(B) end || _ <- Messages],
    rounds(N - 1, Messages, Echo, Self, Sum + lists:sum(Sizes)).

size_of(L) when is_list(L) -> length(L);
size_of(M) when is_map(M) -> map_size(M);
size_of(B) when is_binary(B) -> byte_size(B);
size_of(_) -> 1.
