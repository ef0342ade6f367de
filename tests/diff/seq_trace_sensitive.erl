%% Nothing is told of what a sensitive process does, nor of the exit signals that it gets.
-module(seq_trace_sensitive).
-export([main/0]).

main() ->
    Me = self(),
    Tracer = spawn(fun() -> receive {tell, Who} -> Who ! {messages, flush()} end end),
    seq_trace:set_system_tracer(Tracer),
    Echo = spawn_link(fun() -> receive {From, What} -> From ! {reply, What} end end),
    process_flag(trap_exit, true),
    process_flag(sensitive, true),
    [seq_trace:set_token(Flag, true) || Flag <- [send, 'receive', print]],
    seq_trace:set_token(label, 1),
    seq_trace:print(1, secret),
    Echo ! {self(), question},
    receive {reply, question} -> ok end,
    receive {'EXIT', Echo, normal} -> ok end,
    process_flag(sensitive, false),
    seq_trace:print(1, told),
    seq_trace:set_token([]),
    Tracer ! {tell, Me},
    receive {messages, All} -> [io:format("~p~n", [show(M, Me, Echo)]) || M <- All] end,
    seq_trace:reset_trace().

flush() ->
    receive M -> [M | flush()] after 100 -> [] end.

show(Pid, Pid, _) -> me;
show(Pid, _, Pid) -> echo;
show(T, Me, Echo) when is_tuple(T) -> list_to_tuple([show(E, Me, Echo) || E <- tuple_to_list(T)]);
show(T, _, _) -> T.
