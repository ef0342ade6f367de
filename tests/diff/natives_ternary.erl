%% Natives of three arguments and more: hand-picked values around the edges.
-module(natives_ternary).
-export([main/0]).

main() ->
    [line(M, F, As) || {M, F, Lists} <- calls(), As <- product(Lists)].

line(M, F, As) ->
    io:format("~w:~w~0tp ~0tp~n", [M, F, list_to_tuple(As), try {ok, apply(M, F, As)} catch C:R -> {C, R} end]).

product([]) -> [[]];
product([L | Ls]) -> [[X | T] || X <- L, T <- product(Ls)].

calls() ->
    Int = [-1, 0, 1, 2, 3, 1 bsl 70, a],
    Bin = [<<>>, <<"abc">>, <<1:3>>, x],
    Key = [a, 1, 1.0, none],
    Pairs = [[], [{a, 1}, {1, b}, {1.0, c}], [{a}, x, {}], [{b, 1} | t], x],
    [{erlang, setelement, [Int, [{}, {1, 2}, x], [v]]},
     {erlang, insert_element, [Int, [{}, {1, 2}, x], [v]]},
     {erlang, binary_part, [Bin, Int, Int]},
     {erlang, binary_to_list, [Bin, Int, Int]},
     {erlang, make_tuple, [Int -- [1 bsl 70], [d], [[], [{1, x}], [{9, x}], [bad], x]]},
     {erlang, crc32_combine, [[0, 1, 1 bsl 32], [5, -1], [0, 3, -1]]},
     {erlang, convert_time_unit, [[0, 1500, -1], [second, millisecond, 1000, bad, 0], [nanosecond, microsecond, 3]]},
     {erlang, is_record, [[{a}, {a, 1}, x], [a, 1], Int]},
     {erlang, list_to_integer, [["10", "zz", ""], Int]},
     {erlang, decode_packet, [[raw, line, 0, 1, 2, 4, http, http_bin, httph, asn1, bad], [<<>>, <<1>>, <<0, 0, 0, 2, 1, 2, 3>>, <<"a\r\nb">>, <<"GET /x HTTP/1.1\r\n\r\n">>, <<"Host: y\r\n\r\n">>, x], [[], [{packet_size, 1}], [{line_length, 2}], bad]]},
     {lists, keyfind, [Key, [0, 1, 2, a], Pairs]},
     {lists, keymember, [Key, [0, 1, 2, a], Pairs]},
     {lists, keysearch, [Key, [0, 1, 2, a], Pairs]},
     {lists, seq, [[0, 1, 5, a], [0, 3, 1], [-1, 0, 2]]},
     {lists, sublist, [["abc", [], [a | b], x], Int, Int]},
     {maps, put, [Key, [v], [#{}, #{a => 1}, x]]},
     {maps, update, [Key, [v], [#{}, #{a => 1}, x]]},
     {maps, get, [Key, [#{}, #{a => 1}, x], [d]]},
     {binary, part, [Bin, Int, Int]},
     {binary, bin_to_list, [Bin, Int, Int]},
     {binary, match, [[<<"abcabc">>, x], [<<"b">>, <<>>, [<<"c">>, <<"bc">>], [], x], [[], [{scope, {2, 3}}], [{scope, {5, -3}}], [{scope, {9, 1}}], bad]]},
     {binary, split, [[<<"a,b;c,">>, <<>>], [<<",">>, [<<",">>, <<";">>]], [[], [global], [trim], [global, trim_all], [{scope, {2, 2}}], [bad]]]},
     {binary, replace, [[<<"abcabc">>], [<<"b">>, [<<"a">>, <<"c">>]], [<<>>, <<"--">>, x], [[], [global], [{insert_replaced, 1}], [global, {insert_replaced, [0, 2]}], bad]]},
     {binary, copy, [Bin, Int -- [1 bsl 70]]},
     {unicode, characters_to_list, [[<<"a", 228>>, <<"å"/utf8>>, [229, 8364], [<<195>>, <<165>>], <<0, 97>>, [a], <<195>>], [latin1, utf8, utf16, {utf16, little}, utf32, bad]]},
     {unicode, characters_to_binary, [[<<"a", 228>>, <<"å"/utf8>>, [229, 8364], <<0, 97>>, [16#D800], [-1]], [latin1, utf8, utf16, bad], [latin1, utf8, utf16, {utf32, little}]]},
     {re, run, [["aXbXc", <<"xyz">>, [228, 229, 230, 97]], ["X", "(b)(z)?", "", "[", "\\w+$"], [[], [global], [{capture, all, list}], [{capture, [1, 2], index}], [caseless, unicode], [{offset, 3}], [notempty], [bad]]]},
     {string, pad, [["ab", <<"abc">>], [0, 5], [leading, trailing, both, bad], [$x, "yz"]]},
     {string, trim, [["  ab ", <<"--x--">>], [leading, trailing, both], [[$\s], "-", ["ab"]]]},
     {io_lib, format, [["~p", "~5w|", "~s", "~b", "~.2f", "~c", "~ts", "~x", "~"], [[], [1], [1.5], ["s"], [a], [<<"b">>], [[8364]], x]]},
     {erlang, match_spec_test, [[[1, a], {1, a}], [[{'_', [], [ok]}], [{{'$1', '$2'}, [{is_atom, '$2'}], ['$$']}], [{['$1', '_'], [{'=<', '$1', 1}], ['$1']}], [bad]], [table, trace]]}].
