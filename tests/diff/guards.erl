%% Guard tests, guard expressions that fail, andalso/orelse against and/or.
-module(guards).
-export([main/0]).

main() ->
    Ts = [1, -1, 1 bsl 65, 1.5, a, true, "s", [], [a | b], {}, {x, 1}, #{}, #{k => v}, <<>>, <<1:3>>, fun main/0],
    [io:format("~p: ~p~n", [T, kinds(T)]) || T <- Ts],
    [io:format("~p: ~p ~p ~p~n", [T, sized(T), lazy(T), both(T)]) || T <- Ts],
    io:format("~p~n", [[pick(X) || X <- [0, 1, 2, 3, 10, {1, 2}, {a, b, c}, [1, 2, 3], "x", #{a => 1}]]]).

kinds(T) ->
    [K || {K, true} <- [{integer, is_integer(T)}, {float, is_float(T)}, {number, is_number(T)}, {atom, is_atom(T)},
                        {boolean, is_boolean(T)}, {list, is_list(T)}, {tuple, is_tuple(T)}, {map, is_map(T)},
                        {binary, is_binary(T)}, {bitstring, is_bitstring(T)}, {function, is_function(T)},
                        {function0, is_function(T, 0)}, {function1, is_function(T, 1)}]].

sized(T) when tuple_size(T) =:= 2 -> two;
sized(T) when length(T) >= 0 -> proper;
sized(T) when map_size(T) > 0 -> full_map;
sized(T) when byte_size(T) =:= 1 -> one_byte;
sized(T) when hd(T) =:= a -> improper;
sized(_) -> other.

lazy(T) when is_tuple(T) andalso element(1, T) =:= x; is_list(T) andalso T =/= [] andalso hd(T) =:= $s -> yes;
lazy(_) -> no.

both(T) when is_integer(T) and (T > 0) or is_map_key(k, T) -> yes;
both(_) -> no.

pick(N) when N rem 2 =:= 0, N div 2 > 0 -> {even, N bsl 1};
pick(N) when N band 1 =:= 1 -> {odd, abs(-N)};
pick(T) when element(tuple_size(T), T) == 2 -> last_two;
pick([_, _ | T]) when tl(T) =:= [] -> three;
pick(M) when map_get(a, M) =:= 1 -> map;
pick(_) -> none.
