%% Every pure native of one argument with values of every kind: what it answers or raises.
-module(natives_unary).
-export([main/0]).

main() -> [line(M, F, V) || {M, Fs} <- functions(), F <- Fs, V <- values()].

line(M, F, V) ->
    io:format("~w:~w(~0tp) ~0tp~n", [M, F, V, try {ok, apply(M, F, [V])} catch C:R -> {C, R} end]).

functions() ->
    [{erlang, [abs, adler32, atom_to_binary, atom_to_list, binary_to_atom, binary_to_float, binary_to_integer, binary_to_list, binary_to_term, bit_size,
               bitstring_to_list, 'bnot', byte_size, ceil, crc32, external_size, float, float_to_binary, float_to_list, floor, fun_to_list, hd, integer_to_binary,
               integer_to_list, iolist_size, iolist_to_binary, iolist_to_iovec, is_atom, is_binary, is_bitstring, is_boolean, is_float, is_function, is_integer, is_list,
               is_map, is_number, is_pid, is_port, is_reference, is_tuple, length, list_to_atom, list_to_binary, list_to_bitstring, list_to_float, list_to_integer,
               list_to_tuple, map_size, md5, 'not', phash2, round, size, term_to_binary, tl, trunc, tuple_size, tuple_to_list, '+', '-', whereis, time_to_be_seen,
               module_loaded, binary_to_existing_atom, list_to_existing_atom, list_to_pid, list_to_ref, list_to_port, get_module_info, check_old_code]},
     {math, [acos, asin, atan, ceil, cos, exp, floor, log, log10, log2, sin, sqrt, tan, tanh, erf, erfc, sinh, cosh, asinh, acosh, atanh]},
     {maps, [keys, values, size, from_list, to_list]},
     {lists, [reverse, sort, flatten, sum, max, min, last, usort]},
     {binary, [first, last, copy, bin_to_list, list_to_bin, encode_unsigned, decode_unsigned, referenced_byte_size_no, encode_hex, decode_hex, longest_common_prefix]},
     {unicode, [characters_to_list, characters_to_binary, bin_is_7bit]},
     {string, [length, uppercase, lexemes_no, to_integer, to_float, trim, is_empty]},
     {io_lib, [write, print, printable_list, char_list]}].

values() ->
    [0, 1, -1, 127, 256, 1 bsl 62, -(1 bsl 70), 0.0, -0.0, 1.5, -2.5, 1.0e300, a, true, '', 'Atom x', [], [0], "abc", "12", "-7", "1.5", [a, b], [1 | 2], [[1, 2], <<3>>, [[4]]], [256], [-1],
     [16#1F600], [{a, 1}, {b, 2}], [{a, 1} | b], {}, {1}, {a, b, c}, #{}, #{a => 1, 2 => b}, <<>>, <<"abc">>, <<"12">>, <<"1.5">>, <<255, 254>>, <<"å"/utf8>>, <<5:3>>, <<1, 2:2>>, fun lists:map/2,
     lists:duplicate(300, $a), <<131, 97, 7>>, <<131, 104, 1>>].
