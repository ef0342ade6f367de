%% The string module: grapheme clusters, case, splitting, padding, searching.
-module(strings).
-export([main/0]).

main() ->
    S = "Hållo Wörld, ẞtraße e\x{301}",
    io:format("~ts~n", [string:uppercase(S)]),
    io:format("~ts~n", [string:lowercase(S)]),
    io:format("~ts~n", [string:casefold(S)]),
    io:format("~ts~n", [string:titlecase("über alles")]),
    io:format("~w~n", [[string:length(S), length(S), string:reverse("ae\x{301}o"), string:to_graphemes("e\x{301}x")]]),
    io:format("~tp~n", [string:split("a,b,c", ",")]),
    io:format("~tp~n", [string:split(<<"a,b,c">>, ",", all)]),
    io:format("~tp~n", [string:split("a,b,c", ",", trailing)]),
    io:format("~tp~n", [string:lexemes("  the quick  brown\tfox ", " \t")]),
    io:format("~tp~n", [[string:trim("  x y  "), string:trim("--a--", leading, "-"), string:trim(<<"ab\n">>, trailing)]]),
    io:format("~tp~n", [[string:pad("x", 4), lists:flatten(string:pad("x", 4, leading, $0)), lists:flatten(string:pad("x", 5, both))]]),
    io:format("~tp~n", [[string:find("abcabc", "ca"), string:find("abcabc", "c", trailing), string:find("abc", "z"), string:prefix("prefix", "pre")]]),
    io:format("~tp~n", [[string:replace("banana", "an", "AN"), string:replace("banana", "an", "AN", all)]]),
    io:format("~tp~n", [[string:slice("grapheme", 2, 3), string:slice(<<"grapheme">>, 4), string:nth_lexeme("a b c", 2, " ")]]),
    io:format("~tp~n", [[string:to_integer("12abc"), string:to_integer("x"), string:to_float("1.5e3z"), string:to_integer(<<"-7 ">>)]]),
    io:format("~tp~n", [[string:equal("ß", "SS", true), string:equal("e\x{301}", "\x{e9}", false, nfc), string:is_empty("")]]).
