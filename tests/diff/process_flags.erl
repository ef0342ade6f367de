%% process_flag answers the value before; process_info of what is stable.
-module(process_flags).
-export([main/0]).

main() ->
    io:format("~p~n", [[process_flag(F, V) || {F, V} <- [{trap_exit, true}, {trap_exit, false}, {priority, high}, {priority, normal},
        {message_queue_data, off_heap}, {message_queue_data, on_heap}, {save_calls, 0}, {sensitive, false}]]]),
    io:format("~p~n", [[try process_flag(F, V) catch C:R -> {C, R} end || {F, V} <- [{trap_exit, 1}, {priority, urgent}, {nonsense, 1}, {min_heap_size, -1}]]]),
    io:format("~p~n", [process_flag(max_heap_size, 0)]),
    put(key, value),
    io:format("~p~n", [[process_info(self(), K) || K <- [dictionary, trap_exit, priority, message_queue_len, messages, registered_name, status]]]),
    io:format("~p~n", [process_info(self(), current_function)]),
    P = spawn(fun() -> receive stop -> ok end end),
    receive after 20 -> ok end,
    io:format("~p~n", [process_info(P, [status, message_queue_len, links, monitors, trap_exit, priority, messages])]),
    io:format("~p~n", [[element(1, process_info(P, K)) || K <- [memory, heap_size, total_heap_size, stack_size, reductions, garbage_collection, group_leader]]]),
    P ! msg1, P ! {msg, 2},
    io:format("~p~n", [process_info(P, messages)]),
    exit(P, kill),
    receive after 20 -> ok end,
    io:format("~p ~p~n", [process_info(P), is_process_alive(P)]),
    io:format("~p~n", [try process_info(self(), nonsense) catch C1:R1 -> {C1, R1} end]),
    {_, M} = spawn_opt(fun() -> process_flag(max_heap_size, #{size => 2000, kill => true, error_logger => false}), lists:seq(1, 1000000) end, [monitor]),
    io:format("~p~n", [receive {'DOWN', M, _, _, Why} -> Why end]).
