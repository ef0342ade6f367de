%% Ten creatures of three colours meet N times at one place that pairs them.
-module(chameneos).
-export([run/1]).

run(N) ->
    Place = self(),
    Colours = [blue, red, yellow, red, yellow, blue, red, yellow, red, blue],
    [spawn_link(fun() -> creature(Place, C, 0) end) || C <- Colours],
    meet(N),
    release(10, 0).

meet(0) -> ok;
meet(N) ->
    receive {meet, A, ColourA} ->
        receive {meet, B, ColourB} ->
            A ! {other, ColourB},
            B ! {other, ColourA},
            meet(N - 1)
        end
    end.

%% Whoever comes now is sent home and tells how many it met.
release(0, Sum) -> Sum;
release(Left, Sum) ->
    receive {meet, Pid, _} ->
        Pid ! closed,
        receive {met, Pid, Count} -> release(Left - 1, Sum + Count) end
    end.

creature(Place, Colour, Met) ->
    Place ! {meet, self(), Colour},
    receive
        {other, Other} -> creature(Place, complement(Colour, Other), Met + 1);
        closed -> Place ! {met, self(), Met}
    end.

complement(C, C) -> C;
complement(blue, red) -> yellow;
complement(blue, yellow) -> red;
complement(red, blue) -> yellow;
complement(red, yellow) -> blue;
complement(yellow, blue) -> red;
complement(yellow, red) -> blue.
