%% The reasons that failing natives attach, as the formatter of errors shows them.
-module(error_info).
-export([main/0]).

main() ->
    Calls = [{erlang, atom_to_list, ["x"]}, {erlang, element, [3, {a, b}]}, {erlang, binary_to_integer, [<<"12x">>]},
             {erlang, list_to_integer, ["", 10]}, {erlang, list_to_atom, [[a]]}, {erlang, '+', [a, 1]}, {erlang, length, [[a | b]]},
             {erlang, setelement, [0, {}, x]}, {erlang, binary_part, [<<"abc">>, 2, 5]}, {maps, get, [k, #{}]}, {maps, get, [k, x]},
             {maps, update, [k, 1, #{}]}, {lists, keyfind, [a, 0, []]}, {lists, reverse, [[a | b], c]},
             {ets, lookup, [no_table, k]}, {ets, new, [x, [bad]]}, {binary, match, [<<"a">>, <<>>]}, {binary, at, [<<"a">>, 3]},
             {re, run, ["a", {bad}]}, {math, log, [0]}, {unicode, characters_to_list, [x]}, {erlang, send_after, [-1, self, x]},
             {erlang, register, [undefined, self()]}, {erlang, tuple_to_list, [x]}, {persistent_term, get, [absent_key]},
             {atomics, new, [0, []]}, {string, length, [x]}, {io_lib, format, ["~d", [1]]}],
    [show(C) || C <- Calls].

show({M, F, A}) ->
    try apply(M, F, A) of V -> io:format("~p:~p -> ~p~n", [M, F, V])
    catch C:R:St ->
        Text = erl_error:format_exception(C, R, lists:sublist(St, 1)),
        io:format("~ts~n", [re:replace(Text, "<[0-9.]+>", "pid", [global, unicode, {return, list}])])
    end.
