%% Files: write, read, position, append, directories, errors by name.
-module(files).
-export([main/0]).
-include_lib("kernel/include/file.hrl").

main() ->
    D = "files_scratch",
    file:del_dir_r(D),
    io:format("~p~n", [[file:make_dir(D), file:make_dir(D)]]),
    F = filename:join(D, "a.txt"),
    io:format("~p~n", [[file:write_file(F, ["line one\n", <<"line two\n">>]), file:read_file(F), file:read_file(filename:join(D, "none"))]]),
    {ok, H} = file:open(F, [read, write, raw, binary]),
    io:format("~p~n", [[file:read(H, 4), file:position(H, cur), file:position(H, {eof, -4}), file:read(H, 100), file:read(H, 1), file:pwrite(H, 0, "LINE"), file:pread(H, 0, 8), file:close(H)]]),
    {ok, A} = file:open(F, [append]),
    io:format("~p~n", [[io:format(A, "~p.~n", [{term, 3}]), file:close(A), file:read_file(F)]]),
    {ok, R} = file:open(F, [read]),
    io:format("~p~n", [[io:get_line(R, ""), io:get_chars(R, "", 4), io:get_line(R, ""), io:read(R, ""), io:get_line(R, ""), file:close(R)]]),
    {ok, #file_info{size = S, type = T, access = Ac}} = file:read_file_info(F),
    io:format("~p~n", [{S, T, Ac}]),
    io:format("~p~n", [[file:rename(F, F ++ "2"), file:copy(F ++ "2", F), file:list_dir(D) =/= {ok, []}, file:delete(F), file:delete(F)]]),
    io:format("~p~n", [[file:make_symlink("a.txt2", filename:join(D, "link")), file:read_link(filename:join(D, "link")), file:del_dir(D), file:open("/no/such/dir/x", [write]), file:read_file(D)]]),
    io:format("~p~n", [file:write_file(filename:join(D, "t.config"), "{a, 1}.\n[b, \"c\"].\n")]),
    io:format("~p~n", [file:consult(filename:join(D, "t.config"))]),
    file:write_file(filename:join(D, "bad"), "{a, .\n"),
    io:format("~p~n", [file:consult(filename:join(D, "bad"))]),
    {ok, G} = file:open(filename:join(D, "z"), [write, compressed]),
    io:format("~p~n", [[file:write(G, binary:copy(<<"abc">>, 1000)), file:close(G), byte_size(element(2, file:read_file(filename:join(D, "z")))) < 100]]),
    {ok, G2} = file:open(filename:join(D, "z"), [read, compressed, binary]),
    io:format("~p~n", [[file:read(G2, 6), file:close(G2)]]),
    io:format("~p~n", [lists:sort(filelib:wildcard("*", D))]),
    io:format("~p~n", [file:del_dir_r(D)]),
    io:format("~p~n", [[filename:join(["a", "b", "/c"]), filename:basename("/x/y.erl", ".erl"), filename:extension("f.tar.gz"), filename:split("/a/b"), filename:dirname("a/b/c")]]).
