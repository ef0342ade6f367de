%% Every pure native of two arguments with pairs of values of every kind.
-module(natives_binary).
-export([main/0]).

main() ->
    [line(M, F, A, B) || {M, Fs} <- functions(), F <- Fs, A <- values(), B <- values()].

line(M, F, A, B) ->
    io:format("~w:~w(~0tp, ~0tp) ~0tp~n", [M, F, A, B, try {ok, apply(M, F, [A, B])} catch C:R -> {C, R} end]).

functions() ->
    [{erlang, ['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'bsr', 'and', 'or', 'xor', '++', '--', '==', '=:=', '<', '=<', min, max,
               append_element, delete_element, element, binary_part, binary_to_term, crc32, adler32, float_to_list, integer_to_list, integer_to_binary, list_to_integer, binary_to_integer,
               is_function, is_map_key, map_get, make_tuple, phash2, phash, split_binary, term_to_binary, insert_element, tuple_size, function_exported]},
     {math, [pow, atan2, fmod]},
     {maps, [get, find, is_key, remove, take, merge, with, without, from_keys, filter, map]},
     {lists, [member, delete, nth, nthtail, reverse, prefix, suffix, subtract, append, sublist, split, keysort, map]},
     {binary, [at, copy, match, matches, split, part, encode_unsigned]},
     {string, [split, find, prefix, slice, equal]},
     {unicode, [characters_to_list, characters_to_binary]}].

values() ->
    [0, 1, -1, 2, 3, 16, 1 bsl 65, 1.0, a, true, [], [1, 2], "ab", [1 | 2], {}, {1, a}, #{}, #{1 => 2, a => b}, <<>>, <<"ab">>, <<1:3>>, latin1, [{1, 2}]].
