%% hibernate: the state travels, messages wake, and the stack is gone.
-module(hibernation).
-export([main/0, wake/2]).

main() ->
    Me = self(),
    P = spawn(fun() -> put(k, v), try erlang:hibernate(?MODULE, wake, [Me, [1, 2, 3]]) after Me ! unwound end end),
    receive after 50 -> ok end,
    io:format("~p~n", [process_info(P, current_function)]),
    P ! hello,
    io:format("~p~n", [receive X -> X end]),
    P ! again,
    io:format("~p~n", [receive Y -> Y end]),
    M = monitor(process, P),
    P ! stop,
    io:format("~p~n", [receive {'DOWN', M, process, P, R} -> R end]),
    io:format("~p~n", [receive unwound -> unwound after 0 -> stack_was_dropped end]),
    Q = spawn(fun() -> self() ! queued, erlang:hibernate(?MODULE, wake, [Me, q]) end),
    io:format("~p~n", [receive Z -> Z end]),
    exit(Q, kill),
    io:format("~p~n", [try erlang:hibernate(m, f, bad) catch C:E -> {C, E} end]).

wake(Me, State) ->
    receive
        stop -> ok;
        M -> Me ! {M, State, get(k)}, erlang:hibernate(?MODULE, wake, [Me, [M | State]])
    end.
