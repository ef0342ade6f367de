%% A queue of 50,000 live elements with N turns of put and take: a large live heap that changes all the time.
-module(gc_churn).
-export([run/1]).

run(N) -> turns(N, lists:foldl(fun queue:in/2, queue:new(), [{I, [I]} || I <- lists:seq(1, 50000)]), 0).

turns(0, Queue, Sum) -> Sum + queue:len(Queue);
turns(N, Queue, Sum) ->
    {{value, {I, [J]}}, Rest} = queue:out(Queue),
    turns(N - 1, queue:in({N, [I]}, Rest), (Sum + I + J) band 16#ffffffff).
