%% Whatever erl_ddll answers when it loads nothing, erl_ddll:format_error/1 has a text for.
-module(ddll_errors).
-export([main/0]).

main() ->
    show(erl_ddll:load("/nowhere", "nothing")),
    show(erl_ddll:try_load("/nowhere", "nothing", [])),
    show(erl_ddll:try_load("/nowhere", "tcp_inet", [])),
    show(erl_ddll:unload("nothing")),
    show(erl_ddll:unload(tcp_inet)),
    io:format("~p~n", [[catch element(1, element(2, catch_exit(fun() -> erl_ddll:format_error(R) end)))
                        || R <- [-10, {open_error, x}, nonsense, {other, -10}]]]).

show({error, Reason}) ->
    io:format("~p ~p~n", [Reason, io_lib:printable_list(erl_ddll:format_error(Reason))]).

catch_exit(Fun) ->
    catch Fun().
