-module(hostile_terms).
-export([main/0]).

main() ->
    Terms = [1, -1, 1 bsl 40, 1 bsl 90, 1.5, an_atom, 'ж', "string", [1, 2 | c], {a, {b}}, <<"bin">>, <<3:3>>, #{a => #{}},
        maps:from_list([{N, N} || N <- lists:seq(1, 40)]), fun lists:map/2, [], {}],
    Bins = [term_to_binary(T, O) || T <- Terms, O <- [[], [{minor_version, 0}], [compressed]]],
    [cut(B) || B <- Bins],
    [changed(N, B) || {N, B} <- lists:enumerate(Bins)],
    Lies = [<<131, T, 255, 255, 255, 255>> || T <- lists:seq(0, 255)] ++ [<<131, T>> || T <- lists:seq(0, 255)]
        ++ [<<131, T, 0, 0, 0, 1, 97, 1, 106>> || T <- lists:seq(0, 255)] ++ [<<131, T, 1, 97, 1>> || T <- lists:seq(0, 255)]
        ++ [<<131, T, 127, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0>> || T <- lists:seq(0, 255)],
    io:format("lies ~p~n", [[{N, R} || {N, R} <- lists:enumerate([try_it(B, []) || B <- Lies]), R =/= badarg]]),
    % a bomb: 64 MB of one byte in 64 kB; says so, and stays bounded
    Zeros = zlib:compress(binary:copy(<<0>>, 64 bsl 20)),
    io:format("bomb ~p~n", [[try_it(<<131, 80, Size:32, Zeros/binary>>, []) || Size <- [0, 1, 100, 16#7fffffff, 16#ffffffff, 64 bsl 20]]]),
    Data = zlib:compress(<<109, (1 bsl 20):32, 0:(8 bsl 20)>>),
    io:format("sizes ~p~n", [[try_it(<<131, 80, Size:32, Data/binary>>, []) || Size <- [0, 5, 1 bsl 20, (1 bsl 20) + 5, (1 bsl 20) + 6]]]),
    io:format("cut ~p~n", [[try_it(<<131, 80, ((1 bsl 20) + 5):32, (binary:part(Data, 0, N))/binary>>, []) || N <- [0, 1, 2, 10, byte_size(Data) - 1, byte_size(Data) - 4]]]),
    Long = binary:copy(<<"a">>, 256),
    io:format("atoms ~p~n", [[try_it(B, []) || B <- [<<131, 100, 256:16, Long/binary>>, <<131, 118, 256:16, Long/binary>>,
        <<131, 118, 255:16, (binary:part(Long, 0, 255))/binary>>, <<131, 119, 2, 16#c3, 16#28>>, <<131, 119, 1, 16#ff>>,
        <<131, 119, 3, 16#ed, 16#a0, 16#80>>, <<131, 118, 510:16, (binary:copy(<<"å"/utf8>>, 255))/binary>>,
        <<131, 118, 512:16, (binary:copy(<<"å"/utf8>>, 256))/binary>>, <<131, 118, 1020:16, (binary:copy(<<240, 144, 128, 128>>, 255))/binary>>]]]),
    io:format("safe ~p~n", [[try_it(B, [safe]) || B <- [<<131, 119, 20, "no_such_atom_so_far!">>, <<131, 113, 119, 3, "xyz", 119, 3, "zyx", 97, 1>>,
        <<131, 104, 2, 119, 1, "a", 119, 19, "another_no_such_one">>, <<131, 97, 1>>]]]),
    io:format("keys ~p~n", [[try_it(B, []) || B <- [<<131, 116, 2:32, 97, 1, 97, 1, 97, 1, 97, 2>>, <<131, 116, 2:32, 97, 1, 97, 1, 98, 1:32, 97, 2>>,
        <<131, 116, 0:32>>, <<131, 116, 1:32, 97, 1>>]]]),
    io:format("big ~p~n", [[try_it(B, []) || B <- [<<131, 110, 0, 0>>, <<131, 110, 1, 0>>, <<131, 110, 1, 1, 0>>, <<131, 110, 3, 7, 1, 0, 0>>, <<131, 111, 0:32, 0>>,
        <<131, 111, 9:32, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0>>, <<131, 98, 128, 0, 0, 0>>]]]),
    io:format("floats ~p~n", [[try_it(B, []) || B <- [<<131, 70, 16#7ff0000000000000:64>>, <<131, 70, 16#7ff8000000000000:64>>, <<131, 70, -1:64>>,
        <<131, 70, 16#8000000000000000:64>>, <<131, 99, "1.00000000000000000000e+999", 0, 0, 0, 0>>, <<131, 99, "x.00000000000000000000e+000", 0, 0, 0, 0>>,
        <<131, 99, "nan", 0:224>>, <<131, 99, "inf", 0:224>>, <<131, 99, 0:248>>]]]),
    io:format("bits ~p~n", [[try_it(<<131, 77, S:32, L, D/binary>>, []) || S <- [0, 1, 2], L <- [0, 1, 7, 8, 9, 255], D <- [<<>>, <<255>>, <<255, 255>>]]]),
    io:format("used ~p~n", [[catch binary_to_term(<<131, 97, 1, 2, 3>>, [used]), catch binary_to_term(<<131, 97, 1, 2, 3>>), catch binary_to_term(<<>>), catch binary_to_term(<<130, 97, 1>>)]]).

%% No cut is a term, but that of a string that says how long it is.
cut(Bin) ->
    Rs = [try_it(binary:part(Bin, 0, N), []) || N <- lists:seq(0, byte_size(Bin) - 1)],
    io:format("~p ", [lists:usort(Rs)]).

%% What every change of a byte gives, as a hash: terms and refusals the same.
changed(N, Bin) ->
    Rs = [begin
        <<Head:At/binary, B, Tail/binary>> = Bin,
        try_it(<<Head/binary, (B bxor X), Tail/binary>>, [])
     end || At <- lists:seq(1, byte_size(Bin) - 1), X <- [1, 2, 4, 8, 16, 32, 64, 128, 255, 3, 7]],
    io:format("~n~p: ~p of ~p refused, hash ~p", [N, length([R || R <- Rs, R =:= badarg]), length(Rs), erlang:phash2(Rs)]).

try_it(Bin, Options) ->
    try binary_to_term(Bin, Options) of
        T when is_pid(T); is_port(T); is_reference(T) -> identifier;
        T when is_function(T) -> {function, erlang:fun_info(T, arity)};
        T when is_binary(T), byte_size(T) > 1000 -> {large, byte_size(T)};
        T -> T
    catch error:R -> R end.
