%% phash2, phash, md5, crc32, adler32: portable values.
-module(hashes).
-export([main/0]).

main() ->
    Ts = [0, 1, -1, 1 bsl 27, 1 bsl 28, 1 bsl 64, -(1 bsl 90), 1.0, -0.0, a, '', [], [1], "abc", [a | b], {}, {a, 1}, #{}, #{a => 1}, #{1 => 2, 3 => 4},
          <<>>, <<"abc">>, <<1:1>>, fun lists:map/2, lists:seq(1, 1000), maps:from_list([{N, N} || N <- lists:seq(1, 100)]), binary:copy(<<7>>, 1000)],
    [io:format("~w ~w ~w~n", [erlang:phash2(T), erlang:phash2(T, 1000), erlang:phash2(T, 1 bsl 32)]) || T <- Ts],
    [io:format("~w~n", [erlang:phash(T, 1 bsl 32)]) || T <- Ts, not is_map(T), not is_function(T)],
    io:format("~w~n", [[erlang:md5(X) || X <- ["", "abc", [<<"a">>, [$b, <<"c">>]], binary:copy(<<"x">>, 10000)]]]),
    C = erlang:md5_update(erlang:md5_update(erlang:md5_init(), "ab"), "c"),
    io:format("~w~n", [erlang:md5_final(C)]),
    io:format("~w~n", [[erlang:crc32("hello"), erlang:crc32(5, "hello"), erlang:adler32("hello"), erlang:adler32(1, <<"x">>)]]),
    io:format("~w~n", [[erlang:crc32_combine(erlang:crc32("ab"), erlang:crc32("cd"), 2), erlang:crc32("abcd"), erlang:adler32_combine(erlang:adler32("ab"), erlang:adler32("cd"), 2)]]).
