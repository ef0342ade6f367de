%% io_lib:format: every control, widths, precision, padding, line breaking, depth.
-module(io_lib_formats).
-export([main/0]).

main() ->
    T = {deep, [1, 2, {three, "four", <<"five">>}], #{k => [v, {w}]}, 1.5, 'Quoted atom', <<1, 2, 255>>, [0, 1]},
    [io:format("~ts|~n", [io_lib:format(F, A)]) || {F, A} <- [
        {"~w", [T]}, {"~p", [T]}, {"~W", [T, 5]}, {"~P", [T, 6]}, {"~0p", [T]}, {"~20p", [T]}, {"~s", ["str"]}, {"~10s", ["str"]}, {"~-10s", ["str"]}, {"~10.2s", ["string"]},
        {"~.3s", [<<"binary">>]}, {"~c~3c", [$x, $y]}, {"~10..*c", [$z]}, {"~b ~B ~.16b ~.36B", [10, -10, 255, 12345]}, {"~8.2.0b", [5]}, {"~+b", [1]}, {"~x", [1]},
        {"~.16x ~.16X", [255, "0x", -255, "h"]}, {"~#~.8#", [10, 10]}, {"~.16+ ~.2#", [255, 5]}, {"~~ ~i~w", [gone, here]}, {"~*c", [3, $q]}, {"~n", []},
        {"~p ~p", ["printable", [16#3b1]]}, {"~tp", [[16#3b1]]}, {"~ts", [[16#3b1]]}, {"~p", ["\e\n\t\"\\"]}, {"~w", ["ab"]}, {"~p", [[]]}, {"~p", [[[]]]}, {"~lp", ["list"]}, {"~lw", ['é']},
        {"~p", [lists:seq(1, 60)]}, {"~p", [[{K, lists:duplicate(5, K)} || K <- [alpha, beta, gamma, delta]]]}, {"~p", [#{a => #{b => #{c => lists:seq(1, 30)}}}]}, {"~40p", [[abcdefghij || _ <- lists:seq(1, 8)]]},
        {"~p", [lists:duplicate(90, $a)]}, {"~p", [binary:copy(<<"abcdefgh ">>, 12)]}, {"~p", [binary:copy(<<200>>, 40)]}], ok =:= ok_format(F, A)],
    [io:format("~p~n", [try io_lib:format(F, A) catch C:R -> {C, R} end]) || {F, A} <- [{"~d", [1]}, {"~p", []}, {"~p", [1, 2]}, {"~s", [1]}, {"~q", [x]}, {"~", []}]],
    io:format("~s~n", [io_lib:print(T, 10, 40, 8)]),
    io:format("~p ~p~n", [io_lib:printable_list("ok\n"), io_lib:printable_unicode_list([1114112])]),
    io:format("~p~n", [io_lib:fread("~d ~s ~f ~c", "12 word 1.5 x tail")]),
    io:format("~p~n", [io_lib:format("~p", [list_to_tuple(lists:seq(1, 40))]) =/= []]),
    io:format("~p~n", [lists:flatten(io_lib:write_string("q\"uote")) ++ io_lib:write_char($a) ++ io_lib:write_atom('A b')]).

ok_format(F, A) -> try io_lib:format(F, A), ok catch _:_ -> bad end.
