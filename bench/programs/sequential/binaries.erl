%% Packets of a small protocol built and parsed N times: construction and matching with sizes, appends, bits.
-module(binaries).
-export([run/1]).

run(N) -> repeat(N, 0).

repeat(0, Sum) -> Sum;
repeat(N, Sum) ->
    Stream = stream(20, N, <<>>),
    repeat(N - 1, (Sum * 31 + parse(Stream, 0)) band 16#ffffffff).

stream(0, _, Stream) -> Stream;
stream(Left, N, Stream) ->
    Body = <<N:32, Left:16/little, (N * 0.5):64/float, "payload of a packet">>,
    stream(Left - 1, N, <<Stream/binary, 1:3, (Left band 1):1, Left:12, (byte_size(Body)):16, Body/binary>>).

parse(<<1:3, Flag:1, Number:12, Size:16, Body:Size/binary, Rest/binary>>, Sum) ->
    <<A:32, B:16/little, C:64/float, Text/binary>> = Body,
    parse(Rest, Sum + Flag + Number + A + B + trunc(C) + letters(Text, 0));
parse(<<>>, Sum) ->
    Sum.

letters(<<C, Rest/binary>>, Sum) when C >= $a, C =< $z -> letters(Rest, Sum + C);
letters(<<_, Rest/binary>>, Sum) -> letters(Rest, Sum);
letters(<<>>, Sum) -> Sum.
