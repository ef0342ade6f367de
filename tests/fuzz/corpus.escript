#!/usr/bin/env escript
%% Files for the fuzz targets to start from, out of what is installed: `erl` encodes terms, the PCRE tests
%% of OTP's sources (if given) are patterns, small modules are modules, files have names.
%%     escript tests/fuzz/corpus.escript [OTP-SOURCES]
main(Args) ->
    Here = filename:dirname(escript:script_name()),
    Put = fun(Target, Bin) ->
        Dir = filename:join([Here, "corpus", Target]),
        Name = filename:join(Dir, integer_to_list(erlang:phash2(Bin, 1 bsl 32), 16)),
        ok = filelib:ensure_dir(Name),
        ok = file:write_file(Name, Bin)
    end,
    Beams = filelib:wildcard(filename:join(code:lib_dir(), "{stdlib,kernel,compiler}-*/ebin/*.beam")),
    Small = [B || B <- Beams, filelib:file_size(B) < 12000],
    [begin
        {ok, Bin} = file:read_file(B),
        {ok, {_, Chunks}} = beam_lib:chunks(Bin, Kept, [allow_missing_chunks]),
        {ok, Plain} = beam_lib:build_module([{N, C} || {N, C} <- Chunks, is_binary(C)]),
        [Put("load", Plain) || byte_size(Plain) < 8000]
     end || B <- Small, Kept <- [["AtU8", "Code", "StrT", "ImpT", "ExpT", "LitT", "FunT"],
        ["AtU8", "Code", "StrT", "ImpT", "ExpT", "LitT", "FunT", "LocT", "Line", "Attr", "CInf", "Meta"]]],
    [begin
        {ok, {_, Chunks}} = beam_lib:chunks(B, ["Attr", "CInf"], [allow_missing_chunks]),
        [Put("external", C) || {_, C} <- Chunks, is_binary(C)]
     end || B <- Small],
    [Put("external", term_to_binary(T, O)) || T <- terms(), O <- [[], [compressed], [{minor_version, 0}], [{minor_version, 1}]]],
    [Put("packet", <<C, 0, 0, $\n, P/binary>>) || P <- packets(), C <- lists:seq(0, 21)],
    [Put("pattern", <<F:32/little, (byte_size(P)), P/binary, S/binary>>) || {P, S} <- patterns(Args), F <- [0, 1, 1 bsl 7, 16#200002]],
    [Put("names", <<C, 9, (min(byte_size(N), 31)), (binary:part(N, 0, min(byte_size(N), 31)))/binary, N/binary>>) || N <- names(Args), C <- [0, 1]],
    [Put(T, noise(N)) || T <- ["bits", "names"], N <- lists:seq(1, 60)].

%% Names of files that are there, and some that only other systems make.
names(Args) ->
    Dirs = [code:root_dir(), code:lib_dir() | [filename:join(D, "lib/stdlib/test") || D <- Args]],
    There = [N || D <- Dirs, {ok, Names} <- [file:list_dir_all(D)], N <- Names],
    [if is_list(N) -> unicode:characters_to_binary(N); true -> N end || N <- There] ++
        [<<"e", 16#301/utf8>>, <<"åäö"/utf8>>, <<"Ω/../x"/utf8>>, <<16#1F600/utf8>>, <<16#E5, 16#E4>>, <<237, 160, 128>>, <<"a", 0>>,
         <<".">>, <<"//">>, <<"C:\\x">>, <<16#FEFF/utf8>>, <<240, 144>>].

terms() ->
    [1, -1, 255, 256, 1 bsl 27, -(1 bsl 31), 1 bsl 64, -(1 bsl 300), 1 bsl 2100, 1.5, -0.0, atom, 'åäö', '', "string",
     "sträng" ++ [1000], [], [a | b], {}, {1, 2, 3}, list_to_tuple(lists:seq(1, 300)), <<>>, <<"bin">>, <<1:3>>, <<5:77>>,
     binary:copy(<<"x">>, 100), #{}, #{a => 1}, maps:from_list([{I, {I}} || I <- lists:seq(1, 40)]), self(), make_ref(),
     fun lists:map/2, fun(X) -> X end, hd(erlang:ports()), [[[[deep]]]], #{#{} => []}, [{a, 1.0}, {b, [<<0>>]}],
     lists:duplicate(300, {abc, "text"}), file_info(), node(), c:module_info()].

file_info() -> {ok, I} = file:read_file_info("/"), I.

packets() ->
    [<<3, "abc">>, <<0, 3, "abc">>, <<0, 0, 0, 3, "abc">>, <<16#80, 0, 0, 3, "abc">>, <<48, 3, 2, 1, 5>>,
     <<16#3f, 16#81, 5, 16#82, 0, 3, 1, 2, 3>>, <<"GIOP", 1, 0, 1, 0, 3, 0, 0, 0, "abc">>,
     <<1, 1, 0, 1, 0, 3, 2, 0, "abc", 0, 0>>, <<3, 0, 0, 7, "abc">>, <<"line one\r\nline two\n">>,
     <<"GET /index.html HTTP/1.1\r\nHost: a.example\r\nX-Long: a\r\n b\r\n\r\n">>, <<"GET http://h:80/p?q HTTP/1.0\r\n">>,
     <<"OPTIONS * HTTP/1.1\r\n">>, <<"POST scheme:rest HTTP/1.1\r\n">>, <<"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n">>,
     <<"Content-Type: text/html\r\nETag: x\r\n\r\n">>, <<22, 3, 1, 0, 4, 1, 0, 0, 0>>, <<128, 43, 1, 3, 1, 0, 18, 0, 0, 0, 16>>].

patterns(Args) ->
    Own = [{<<"(a+)*b">>, <<"aaaab">>}, {<<"(?<n>x)(?P=n)">>, <<"xx">>}, {<<"^\\w+\\s*$">>, <<"word \nword">>},
        {<<"[[:alpha:]]{2,5}?">>, <<"abcdefg">>}, {<<"(?i)(?>a|ab)c\\b">>, <<"ABC abc">>}, {<<"\\p{Lu}\\X">>, <<"ÄÖ"/utf8>>},
        {<<"(?(1)a|b)(c)?">>, <<"bc">>}, {<<"(?=x)(?!y)(?<=z)">>, <<"zx">>}, {<<"\\Qa.b\\E\\x{41}\\12\\R">>, <<"a.bA\n\r\n">>},
        {<<"(?&r)(?<r>\\((?:[^()]|(?&r))*\\))">>, <<"((a)b)">>}],
    Own ++ [T || Dir <- Args, F <- filelib:wildcard(filename:join(Dir, "lib/stdlib/test/re_SUITE_data/testoutput*")), T <- of_file(F)].

%% A line between slashes is a pattern, the lines behind it are subjects.
of_file(File) ->
    {ok, Text} = file:read_file(File),
    Lines = binary:split(Text, <<"\n">>, [global]),
    lists:sublist(pairs(Lines), 400).

pairs([<<"/", Rest/binary>>, <<"    ", Subject/binary>> | More]) ->
    case binary:matches(Rest, <<"/">>) of
        [] -> pairs(More);
        Found ->
            {At, _} = lists:last(Found),
            P = binary:part(Rest, 0, At),
            [{P, Subject} || byte_size(P) < 200, byte_size(P) > 0] ++ pairs(More)
    end;
pairs([_ | More]) -> pairs(More);
pairs([]) -> [].

noise(N) ->
    rand:seed(exsss, N),
    rand:bytes(20 + N * 5).
