%% Maps of up to 12 keys, N times: matching, updating, folding.
-module(maps_small).
-export([run/1]).

run(N) -> repeat(N, #{count => 0, name => <<"x">>, a => 1, b => 2, c => 3, d => 4}, 0).

repeat(0, #{count := Count}, Sum) -> Count + Sum;
repeat(N, #{count := Count, a := A, b := B} = Map, Sum) ->
    Map1 = Map#{count := Count + 1, a := B, b := A + 1},
    Map2 = Map1#{extra => N, N band 3 => more},
    Total = maps:fold(fun(_, V, T) when is_integer(V) -> T + V; (_, _, T) -> T + 1 end, 0, Map2),
    Sorted = maps:get(N band 3, Map2, none) =:= more andalso is_map_key(c, Map2),
    repeat(N - 1, Map1, (Sum + Total + map_size(maps:remove(extra, Map2)) + if Sorted -> 1; true -> 0 end) band 16#ffffff).
