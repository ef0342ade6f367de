%% Binary comprehensions and generators over bitstrings.
-module(bs_comprehension).
-export([main/0]).

main() ->
    io:format("~p~n", [<< <<(X * 2)>> || <<X>> <= <<1, 2, 3, 200>> >>]),
    io:format("~p~n", [[X || <<X:3>> <= <<16#DEADBEEF:32>>]]),
    io:format("~p~n", [<< <<X:1>> || X <- [1, 0, 1, 1, 0] >>]),
    io:format("~p~n", [[{K, V} || <<K, L, V:L/binary>> <= <<1, 2, "ab", 2, 0, 3, 1, "z">>]]),
    io:format("~p~n", [<< <<C/utf8>> || <<C/utf16>> <= <<"smörgås"/utf16>> >>]),
    io:format("~p~n", [[X + Y || <<X>> <= <<1, 2>>, Y <- [10, 20], X + Y > 11]]),
    io:format("~p~n", [byte_size(<< <<X:64>> || X <- lists:seq(1, 5000) >>)]),
    io:format("~p~n", [try << <<X>> || X <- [1, a] >> catch C:R -> {C, R} end]).
