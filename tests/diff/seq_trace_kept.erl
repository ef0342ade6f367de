%% A token outlives messages that no process sends, and counting outlives a token.
-module(seq_trace_kept).
-export([main/0]).

main() ->
    seq_trace:reset_trace(),
    seq_trace:set_token(label, kept),
    %% From a timer, a port, a process that ended.
    erlang:send_after(1, self(), timer),
    receive timer -> show(timer) end,
    Port = open_port({spawn, "echo port"}, [eof]),
    receive {Port, {data, "port\n"}} -> show(data) end,
    receive {Port, eof} -> show(eof) end,
    {_, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, _, _, _} -> show(down) end,
    T = erlang:start_timer(100000, self(), never),
    ok = erlang:cancel_timer(T, [{async, true}]),
    receive {cancel_timer, T, _} -> show(cancelled) end,
    %% From a process without a token.
    Me = self(),
    Other = spawn(fun() -> receive go -> seq_trace:set_token([]), Me ! hello end end),
    Other ! go,
    receive hello -> show(hello) end,
    io:format("~p~n", [seq_trace:get_token()]),
    %% A new token goes on counting.
    seq_trace:set_token(serial, {3, 5}),
    seq_trace:set_token([]),
    seq_trace:set_token(label, again),
    Again = seq_trace:get_token(serial),
    seq_trace:reset_trace(),
    seq_trace:set_token(label, reset),
    Reset = seq_trace:get_token(serial),
    %% A child counts on from its parent, whom it has answered.
    Child = spawn(fun() -> Me ! {self(), seq_trace:get_token()} end),
    Spawned = seq_trace:get_token(serial),
    receive {Child, {0, reset, Serial, Child, Last}} -> ok end,
    Received = seq_trace:get_token(serial),
    seq_trace:reset_trace(),
    io:format("~p~n", [[Again, Reset, Spawned, {Last, Serial}, Received]]).

show(What) ->
    io:format("~p ~p~n", [What, seq_trace:get_token(label)]).
