%% JSON text of twenty records read N times: matching of binaries, building of maps.
-module(json_decode).
-export([run/1]).

run(N) -> repeat(N, json_text:encode(json_text:document(20)), 0).

repeat(0, _, Sum) -> Sum;
repeat(N, Text, Sum) ->
    repeat(N - 1, Text, (Sum * 31 + weigh(json_text:decode(Text))) band 16#ffffffff).

weigh([_ | _] = List) -> lists:sum([weigh(X) || X <- List]);
weigh(#{<<"id">> := I, <<"name">> := Name, <<"tags">> := Tags, <<"score">> := Score}) ->
    I + byte_size(Name) + trunc(Score * 4) + lists:sum([byte_size(T) || T <- Tags]).
