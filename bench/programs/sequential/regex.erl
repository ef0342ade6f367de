%% Log lines matched with a compiled regular expression, N times.
-module(regex).
-export([run/1]).

run(N) ->
    {ok, Line} = re:compile("^(\\d+)\\.(\\d+)\\.\\d+\\.\\d+ .*\"(GET|POST) (/[^ ]*)"),
    repeat(N, Line, 0).

repeat(0, _, Sum) -> Sum;
repeat(N, Line, Sum) ->
    Text = <<"192.168.0.", (integer_to_binary(N band 255))/binary, " - - [24/Nov] \"GET /index/", "page.html HTTP/1.1\" 200">>,
    {match, [A, _, Method, Path]} = re:run(Text, Line, [{capture, all_but_first, binary}]),
    nomatch = re:run(<<"no address here">>, Line),
    Parts = re:split(Path, "/"),
    repeat(N - 1, Line, Sum + byte_size(A) + byte_size(Method) + length(Parts)).
