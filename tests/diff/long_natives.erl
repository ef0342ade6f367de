%% Natives with much to do take the way of long work: their answers and errors are the same.
-module(long_natives).
-export([main/0]).

main() ->
    Bytes = binary:copy(<<"abcdefghij">>, 400_000),
    show(md5, fun() -> erlang:md5(Bytes) end),
    show(md5_list, fun() -> erlang:md5([Bytes, "x", [Bytes | <<"y">>]]) end),
    show(md5_bad, fun() -> erlang:md5([Bytes, Bytes, x]) end),
    show(crc32, fun() -> erlang:crc32(Bytes) end),
    show(crc32_on, fun() -> erlang:crc32(17, [Bytes, Bytes]) end),
    show(crc32_bad, fun() -> erlang:crc32([Bytes, Bytes | z]) end),
    show(adler32, fun() -> erlang:adler32(Bytes) end),
    show(copy, fun() -> erlang:md5(binary:copy(Bytes, 5)) end),
    show(phash2, fun() -> erlang:phash2(lists:seq(1, 300_000)) end),
    show(phash2_range, fun() -> erlang:phash2(#{list => lists:seq(1, 300_000)}, 1000) end),
    show(characters, fun() -> erlang:phash2(unicode:characters_to_list(Bytes)) end),
    show(incomplete, fun() -> element(3, unicode:characters_to_list(<<Bytes/binary, 16#E2>>)) end),
    show(no_characters, fun() -> element(1, unicode:characters_to_binary([Bytes, 16#D800, Bytes])) end),
    show(match_late, fun() -> re:run([Bytes, "k", Bytes], "k") end),
    show(match_none, fun() -> re:run(Bytes, "k") end),
    show(match_anchored, fun() -> re:run(Bytes, "^b") end),
    show(match_offset, fun() -> re:run([Bytes, "k"], "[k-z]", [{offset, 100_000}]) end),
    show(match_behind, fun() -> re:run([Bytes, "k"], "(?<=j)k") end),
    show(match_line, fun() -> re:run([Bytes, "\n", "kl"], "^k.", [multiline]) end),
    show(match_all, fun() -> length(element(2, re:run([Bytes, "k", Bytes], "j[ak]", [global]))) end),
    show(match_limit, fun() -> re:run([Bytes, "k"], "(a|b)*k", [{match_limit, 100}, report_errors]) end).

show(Name, Fun) ->
    Result = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~p ~P~n", [Name, Result, 30]).
