%% Twenty records as JSON text, N times: maps, iolists, small binaries.
-module(json_encode).
-export([run/1]).

run(N) -> repeat(N, json_text:document(20), 0).

repeat(0, _, Sum) -> Sum;
repeat(N, Document, Sum) ->
    Text = json_text:encode(Document),
    repeat(N - 1, Document, (Sum * 31 + erlang:crc32(Text)) band 16#ffffffff).
