%% Pages of nested iolists made flat, N times: building lists, iolist_to_binary, sizes.
-module(iolists).
-export([run/1]).

run(N) -> repeat(N, 0).

repeat(0, Sum) -> Sum;
repeat(N, Sum) ->
    Page = page(N rem 100),
    Size = iolist_size(Page),
    Size = byte_size(Text = iolist_to_binary(Page)),
    repeat(N - 1, (Sum * 31 + Size + binary:last(binary:part(Text, 0, Size - N rem 10))) band 16#ffffffff).

page(N) ->
    [<<"<table>">>, [row(I, N) || I <- lists:seq(1, 40)], "</table>\n"].

row(I, N) ->
    ["<tr><td>", integer_to_list(I * N), "</td><td>", <<"a cell that stays the same">>, ["</td>", $<, "/tr>"], $\n].
