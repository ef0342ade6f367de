%% Work on text with the string module and on binaries, N times: split, trim, case, search, join.
-module(strings).
-export([run/1]).

run(N) -> repeat(N, 0).

repeat(0, Sum) -> Sum;
repeat(N, Sum) ->
    Line = "  key" ++ integer_to_list(N rem 1000) ++ " = some value, another ; and the rest  ",
    [Key, Values] = string:split(string:trim(Line), " = "),
    Words = string:lexemes(string:uppercase(Values), " ,;"),
    Joined = lists:flatten(lists:join("-", [string:pad(W, 8, trailing, $.) || W <- Words])),
    Binary = list_to_binary(Joined),
    Parts = binary:split(Binary, <<"-">>, [global]),
    Replaced = binary:replace(Binary, <<".">>, <<"__">>, [global]),
    repeat(N - 1, (Sum * 31 + length(Key) + length(Parts) * 3 + byte_size(Replaced)) band 16#ffffffff).
