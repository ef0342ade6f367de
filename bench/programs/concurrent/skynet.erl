%% A tree of processes, ten below each, with N leaves (a power of ten) that send their numbers up.
-module(skynet).
-export([run/1]).

run(N) ->
    Self = self(),
    spawn_link(fun() -> node(Self, 0, N) end),
    receive Sum -> Sum end.

node(Parent, Number, 1) -> Parent ! Number;
node(Parent, Number, Size) ->
    Self = self(),
    Part = Size div 10,
    [spawn_link(fun() -> node(Self, Number + I * Part, Part) end) || I <- lists:seq(0, 9)],
    Parent ! collect(10, 0).

collect(0, Sum) -> Sum;
collect(Left, Sum) -> receive X -> collect(Left - 1, Sum + X) end.
