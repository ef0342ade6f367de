%% The binary module: match, split, replace, longest common parts, encodings.
-module(binary_module).
-export([main/0]).

main() ->
    B = <<"the cat sat on the mat">>,
    io:format("~p~n", [[binary:match(B, <<"at">>), binary:match(B, [<<"mat">>, <<"sat">>]), binary:match(B, <<"zz">>), binary:match(B, <<"the">>, [{scope, {1, 20}}])]]),
    io:format("~p~n", [binary:matches(B, [<<"the">>, <<"t">>, <<"at">>])]),
    io:format("~p~n", [[binary:split(B, <<" ">>), binary:split(B, <<" ">>, [global]), binary:split(<<" a  b ">>, <<" ">>, [global, trim_all]), binary:split(<<"a,b,">>, <<",">>, [global, trim])]]),
    io:format("~p~n", [[binary:replace(B, <<"at">>, <<"og">>), binary:replace(B, <<"at">>, <<"[]">>, [global, {insert_replaced, 1}])]]),
    io:format("~p~n", [[binary:at(B, 4), binary:first(B), binary:last(B), binary:part(B, 4, 3), binary:part(B, {22, -3})]]),
    io:format("~p~n", [[binary:longest_common_prefix([<<"erlang">>, <<"ergonomy">>]), binary:longest_common_suffix([<<"erlang">>, <<"fang">>])]]),
    io:format("~p~n", [[binary:encode_unsigned(1 bsl 70), binary:encode_unsigned(258, little), binary:decode_unsigned(<<1, 2, 3>>), binary:decode_unsigned(<<1, 2, 3>>, little)]]),
    io:format("~p~n", [[binary:copy(<<"ab">>, 3), binary:bin_to_list(<<"abc">>, 1, 2), binary:list_to_bin([1, [2, <<3>>]])]]),
    io:format("~p~n", [[binary:encode_hex(<<0, 171, 255>>), binary:decode_hex(<<"00abFF">>)]]),
    CP = binary:compile_pattern([<<"a">>, <<"the">>]),
    io:format("~p~n", [binary:matches(B, CP)]),
    Big = binary:copy(<<"0123456789">>, 10000),
    io:format("~p ~p~n", [length(binary:matches(Big, <<"890">>)), binary:match(Big, <<"9x">>)]),
    Tries = [fun() -> binary:part(B, 20, 5) end, fun() -> binary:at(B, -1) end, fun() -> binary:copy(B, -1) end, fun() -> binary:match(B, <<>>) end,
             fun() -> binary:first(<<>>) end, fun() -> binary:decode_hex(<<"0">>) end, fun() -> binary:split(a, b) end],
    [io:format("~p~n", [try F() catch C:R -> {C, R} end]) || F <- Tries].
