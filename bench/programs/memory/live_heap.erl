%% A process whose live heap grows to N tuples while it makes garbage: pauses of the collector and memory.
-module(live_heap).
-export([run/1]).

run(N) ->
    Live = grow(N, [], 0, erlang:monotonic_time(microsecond)),
    Live.

%% The longest time between two of its own steps is the longest pause it saw.
grow(0, Live, Longest, _) ->
    {length(Live), [{longest_pause_microseconds, Longest}]};
grow(N, Live, Longest, Last) when N band 63 =:= 0 ->
    Now = erlang:monotonic_time(microsecond),
    grow(N - 1, [{N, garbage(N)} | Live], max(Longest, Now - Last), Now);
grow(N, Live, Longest, Last) ->
    grow(N - 1, [{N, garbage(N)} | Live], Longest, Last).

garbage(N) -> hd(lists:reverse([N, {N}, [N], N + 1])).
