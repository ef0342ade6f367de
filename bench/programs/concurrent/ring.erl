%% A token goes round a ring of 1000 processes until N hops are done.
-module(ring).
-export([run/1]).

run(N) ->
    Self = self(),
    First = spawn_link(fun() -> receive {next, Next} -> member(Next, Self) end end),
    Last = lists:foldl(fun(_, Next) -> spawn_link(fun() -> member(Next, Self) end) end, First, lists:seq(2, 1000)),
    First ! {next, Last},
    First ! N,
    receive {done, Sum} -> Sum end.

member(Next, Home) ->
    receive
        0 -> Home ! {done, 0}, Next ! stop;
        N when is_integer(N) -> Next ! N - 1, member(Next, Home);
        stop -> Next ! stop
    end.
