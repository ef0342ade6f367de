%% term_to_binary to the byte, back again, and refused input.
-module(external_terms).
-export([main/0]).

main() ->
    Ts = [0, 255, 256, -1, 1 bsl 31, -(1 bsl 31) - 1, 1 bsl 64, -(1 bsl 2100), 1.5, a, 'é€', true, [], [1, 2], "string", [1000], [a | b], {}, {1, {2}},
          erlang:make_tuple(300, x), #{}, #{a => 1}, <<>>, <<"bin">>, <<5:3>>, fun lists:map/2, lists:duplicate(70000, $x), maps:from_list([{K, K} || K <- lists:seq(1, 40)])],
    [show(T) || T <- Ts],
    io:format("~p~n", [[erlang:external_size(T) || T <- Ts]]),
    io:format("~p~n", [[binary_to_term(term_to_binary(T, [compressed])) =:= T || T <- Ts]]),
    io:format("~w~n", [term_to_binary({a, "ab", 1.5}, [{minor_version, 0}])]),
    io:format("~w~n", [term_to_binary(#{b => 1, a => 2, c => 3}, [deterministic])]),
    io:format("~w~n", [iolist_to_binary(term_to_iovec({x, <<"y">>}))]),
    io:format("~p~n", [binary_to_term(<<131, 97, 5, "rest">>, [used])]),
    [io:format("~p~n", [try binary_to_term(B) catch C:R -> {C, R} end])
     || B <- [<<>>, <<131>>, <<130, 97, 1>>, <<131, 97>>, <<131, 255, 1>>, <<131, 100, 0, 5, "ab">>, <<131, 109, 255, 255, 255, 255, 1>>, <<131, 108, 0, 0, 0, 9, 97, 1>>,
              <<131, 116, 0, 0, 0, 2, 97, 1, 97, 1, 97, 1, 97, 2>>, <<131, 80, 0, 0, 0, 9, 1, 2, 3>>]],
    io:format("~p~n", [try binary_to_term(<<131, 119, 17, "atom_never_seen_x">>, [safe]) catch C:R -> {C, R} end]).

show(T) ->
    B = term_to_binary(T),
    if byte_size(B) < 100 -> io:format("~w ~w~n", [B, binary_to_term(B) =:= T]);
       true -> io:format("~w ~w~n", [{byte_size(B), erlang:md5(B)}, binary_to_term(B) =:= T])
    end.
