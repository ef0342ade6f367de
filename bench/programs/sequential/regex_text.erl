%% Regular expressions over a text of N megabytes: a search for what is not there, all matches, a split, a replacement.
-module(regex_text).
-export([prepare/1, run/1]).

prepare(N) ->
    Line = <<"the quick brown fox no. 4711 jumps over the lazy dog, twice\n">>,
    binary:copy(Line, N * 1000000 div byte_size(Line)).

run(Text) ->
    nomatch = re:run(Text, "f[a-z]+x +and [0-9]+"),
    {match, Numbers} = re:run(Text, "[0-9]+", [global, {capture, first, index}]),
    Lines = re:split(Text, "\n"),
    Replaced = re:replace(Text, "fox|dog", "cat", [global, {return, binary}]),
    length(Numbers) + length(Lines) + byte_size(Replaced).
