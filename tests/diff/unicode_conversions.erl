%% unicode: lists, binaries, encodings, incomplete and wrong input, normal forms.
-module(unicode_conversions).
-export([main/0]).

main() ->
    T = "aé€\x{1F600}z",
    B = unicode:characters_to_binary(T),
    io:format("~w~n", [B]),
    io:format("~w~n", [[unicode:characters_to_binary(T, unicode, E) || E <- [utf16, {utf16, little}, utf32, {utf32, little}, latin1]]]),
    io:format("~w~n", [unicode:characters_to_list(B)]),
    io:format("~w~n", [unicode:characters_to_list([<<"ab">>, $c, [<<195>>, <<169>>]])]),
    io:format("~w~n", [unicode:characters_to_list(<<97, 195>>)]),
    io:format("~w~n", [unicode:characters_to_list(<<97, 255, 98>>)]),
    io:format("~w~n", [unicode:characters_to_binary([97, 16#D800, 98])]),
    io:format("~w~n", [unicode:characters_to_binary(<<228, 246>>, latin1, utf8)]),
    io:format("~w~n", [[unicode:characters_to_nfd_list("é"), unicode:characters_to_nfc_list([$e, 16#301]), unicode:characters_to_nfkc_binary("ﬁ")]]),
    io:format("~w~n", [[unicode:bom_to_encoding(<<239, 187, 191, 1>>), unicode:bom_to_encoding(<<254, 255>>), unicode:encoding_to_bom(utf8)]]),
    io:format("~ts ~tp ~p~n", [T, T, T]),
    io:format("~ts~n", [B]),
    io:format("~tp ~p~n", [B, B]),
    io:format("~tw ~tp ~p~n", ['ä€', 'ä€', 'ä€']),
    io:format("~w~n", [atom_to_binary('ä€')]),
    io:format("~p~n", [[try binary_to_atom(X) catch C:R -> {C, R} end || X <- [<<255>>, <<"ok">>, binary:copy(<<"a">>, 256)]]]),
    Long = unicode:characters_to_binary(lists:duplicate(20000, 16#20AC)),
    io:format("~p ~p~n", [byte_size(Long), length(unicode:characters_to_list(Long))]).
