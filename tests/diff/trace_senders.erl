%% Receive traces: what patterns are told of the sender, and receives whose time is up.
-module(trace_senders).
-export([main/0, loop/0]).

main() ->
    Tracee = spawn(fun() -> process_flag(trap_exit, true), loop() end),
    erlang:trace(Tracee, true, ['receive']),
    erlang:trace_pattern('receive', [{['$1', '$2', '_'], [], [{message, {{'$1', '$2'}}}]}], []),
    Me = self(),
    [begin
         Do(Tracee),
         timer:sleep(30),
         told(Name, Tracee)
     end || {Name, Do} <- cases(Me)],
    erlang:trace_pattern('receive', [{['_', Me, '_'], [], []}], []),
    Tracee ! of_me,
    spawn(fun() -> Tracee ! of_another end),
    timer:sleep(30),
    told(only_of_me, Tracee),
    erlang:trace_pattern('receive', true, []).

cases(Me) ->
    [{message, fun(T) -> T ! hello end},
     {itself, fun(T) -> T ! {do, fun() -> self() ! me end} end},
     {name, fun(T) -> register(tracee, T), tracee ! hello end},
     {name_and_node, fun(_) -> {tracee, node()} ! hello end},
     {alias, fun(T) -> T ! {do, fun() -> Me ! {alias, alias()} end}, receive {alias, A} -> A ! through end end},
     {send_after, fun(T) -> erlang:send_after(5, T, tick) end},
     {start_timer, fun(T) -> erlang:start_timer(5, T, tick) end},
     {exit, fun(T) -> exit(T, some_reason) end},
     {link, fun(T) -> T ! {do, fun() -> spawn_link(fun() -> exit(bye) end) end} end},
     {link_to_none, fun(T) -> T ! {do, fun() -> link(list_to_pid("<0.9999.0>")) end} end},
     {monitor, fun(T) -> T ! {do, fun() -> spawn_monitor(fun() -> exit(bye) end) end} end},
     {monitor_none, fun(T) -> T ! {do, fun() -> monitor(process, nobody) end} end},
     {spawn_request, fun(T) -> T ! {do, fun() -> spawn_request(fun() -> ok end, []) end} end},
     {trace_delivered, fun(T) -> T ! {do, fun() -> erlang:trace_delivered(self()) end} end},
     {process_info, fun(T) -> T ! {do, fun() -> process_info(Me, trap_exit) end} end},
     {check_process_code, fun(T) -> T ! {do, fun() -> check_process_code(self(), ?MODULE, [{async, x}]) end} end},
     {garbage_collect, fun(T) -> T ! {do, fun() -> garbage_collect(Me, [{async, x}]) end} end},
     {timeout, fun(T) -> T ! {do, fun() -> receive never -> ok after 5 -> ok end end} end},
     {timeout_at_once, fun(T) -> T ! {do, fun() -> receive never -> ok after 0 -> ok end end} end}].

loop() ->
    receive
        {do, F} -> F(), loop();
        _ -> loop()
    end.

told(Name, Tracee) ->
    receive
        {trace, Tracee, 'receive', Message} -> io:format("~p ~p~n", [Name, shown(Message, Tracee)]), told(Name, Tracee);
        {trace, Tracee, 'receive', Message, {Node, Sender}} ->
            io:format("~p ~p from ~p ~p~n", [Name, shown(Message, Tracee), Node, shown(Sender, Tracee)]),
            told(Name, Tracee)
    after 0 -> ok
    end.

shown(Tracee, Tracee) -> tracee;
shown(Me, _) when Me =:= self() -> me;
shown(X, _) when is_pid(X) -> pid;
shown(X, _) when is_reference(X) -> reference;
shown(X, _) when is_function(X) -> function;
shown(X, Tracee) when is_tuple(X) -> list_to_tuple([shown(E, Tracee) || E <- tuple_to_list(X)]);
shown(X, _) -> X.
