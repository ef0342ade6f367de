%% What the logger is given when processes crash, formatted without pids and times.
-module(crash_reports).
-behaviour(gen_server).
-export([main/0, log/2, init/1, handle_call/3, handle_cast/2]).

main() ->
    logger:remove_handler(default),
    ok = logger:add_handler(mine, ?MODULE, #{config => self()}),
    run(fun() -> spawn(fun() -> error(plain) end) end),
    run(fun() -> spawn(fun() -> throw(ball) end) end),
    run(fun() -> spawn(fun() -> exit(quiet) end) end),
    run(fun() -> spawn(fun() -> 1 / zero() end) end),
    run(fun() -> proc_lib:spawn(fun() -> error(lib) end) end),
    run(fun() -> {ok, P} = gen_server:start(?MODULE, state, []), P ! unexpected, gen_server:cast(P, die) end),
    run(fun() -> logger:error("a message ~p", [1]) end),
    run(fun() -> logger:warning(#{what => report, n => 2}) end),
    run(fun() -> error_logger:info_msg("old ~s", ["style"]) end),
    run(fun() -> logger:log(notice, "level ~w", [notice], #{domain => [mine]}) end),
    run(fun() -> logger:debug("filtered") end).

run(F) ->
    F(),
    timer:sleep(400),
    io:format("--~n"),
    print().

print() ->
    receive {event, L, T} -> io:format("~p ~ts~n", [L, T]), print() after 0 -> ok end.

log(#{level := L, msg := M, meta := Meta}, #{config := Pid}) ->
    Text = logger_formatter:format(#{level => L, msg => M, meta => Meta#{time => 0}}, #{template => [msg], single_line => true, depth => 20}),
    Clean = re:replace(Text, "<[0-9]+\\.[0-9]+\\.[0-9]+>|#Fun<[^>]*>|\\(\\d+\\)|(heap_size|stack_size|reductions|initial_call|message_queue_len|ancestors)[^\\]},]*", "_", [global, unicode, {return, list}]),
    Pid ! {event, L, Clean}.

init(S) -> {ok, S}.
handle_call(_, _, S) -> {reply, ok, S}.
handle_cast(die, _) -> exit({dying, [now]}).
zero() -> list_to_integer("0").
