%% One map of N keys: grown key by key, read, updated, folded and taken apart.
-module(maps_large).
-export([run/1]).

run(N) ->
    Map = grow(N, 1, #{}),
    Read = look(N, 1, Map, 0),
    Updated = maps:map(fun(_, V) -> V + 1 end, Map),
    Sum = maps:fold(fun(_, V, T) -> T + V end, 0, Updated),
    Shrunk = shrink(N, 1, Updated),
    Merged = maps:merge(Map, Shrunk),
    (Read + Sum + map_size(Shrunk) * 7 + map_size(Merged)) band 16#ffffffff.

grow(0, _, Map) -> Map;
grow(N, Seed, Map) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    grow(N - 1, Next, Map#{Next => N}).

look(0, _, _, Sum) -> Sum;
look(N, Seed, Map, Sum) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    #{Next := V} = Map,
    look(N - 1, Next, Map, Sum + V).

shrink(N, _, Map) when N < 2 -> Map;
shrink(N, Seed, Map) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    shrink(N - 2, Next, maps:remove(Next, Map)).
