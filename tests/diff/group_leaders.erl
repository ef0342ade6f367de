%% Output goes to the group leader; input requests are answered by one written in Erlang.
-module(group_leaders).
-export([main/0]).

main() ->
    G = spawn(fun() -> server([]) end),
    Old = group_leader(),
    group_leader(G, self()),
    io:format("to the other ~p~n", [leader]),
    io:put_chars("raw"),
    io:nl(),
    Line = io:get_line("prompt> "),
    Me = self(),
    spawn(fun() -> io:format("from a child"), Me ! done end),
    receive done -> ok end,
    group_leader(Old, self()),
    io:format("~p~n", [Line]),
    G ! {contents, self()},
    io:format("~p~n", [receive {contents, C} -> C end]),
    io:format("~p~n", [group_leader() =:= Old]),
    io:format(standard_error, "not on stdout~n", []),
    io:format(user, "by name~n", []),
    io:fwrite("~s~n", ["fwrite"]),
    io:write({term, "x"}), io:nl(),
    io:format("~p~n", [try io:format("~p~n", []) catch C2:R -> {C2, R} end]),
    io:format("~p~n", [try io:format(no_such_device, "x", []) catch C3:R3 -> {C3, R3} end]).

server(Acc) ->
    receive
        {io_request, F, R, {put_chars, _, M, Fn, A}} -> F ! {io_reply, R, ok}, server([unicode:characters_to_list(apply(M, Fn, A)) | Acc]);
        {io_request, F, R, {put_chars, _, Cs}} -> F ! {io_reply, R, ok}, server([unicode:characters_to_list(Cs) | Acc]);
        {io_request, F, R, {get_line, _, P}} -> F ! {io_reply, R, "typed\n"}, server([{asked, P} | Acc]);
        {io_request, F, R, _} -> F ! {io_reply, R, {error, request}}, server(Acc);
        {contents, P} -> P ! {contents, lists:reverse(Acc)}
    end.
