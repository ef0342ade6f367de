%% Calls of functions that are traced: global and local patterns, match specifications, returns,
%% exceptions, counts, meta tracing.
-module(trace_calls).
-export([main/0, tracee/1, f/1, g/1, h/2, fails/1, deep/1, caught/1, loop/1, tail/1]).

main() ->
    io:format("~p~n", [erlang:trace_info({?MODULE, f, 1}, traced)]),
    Tracee = spawn_link(?MODULE, tracee, [self()]),
    io:format("~p~n", [erlang:trace(Tracee, true, [call])]),
    io:format("~p~n", [erlang:trace_info(Tracee, flags)]),
    io:format("~p~n", [element(2, erlang:trace_info(Tracee, tracer)) =:= self()]),
    step(Tracee, "nothing is traced", fun() -> ?MODULE:f(1) end),
    io:format("~p~n", [erlang:trace_pattern({?MODULE, f, 1}, true, [])]),
    io:format("~p~n", [erlang:trace_info({?MODULE, f, 1}, all)]),
    step(Tracee, "global", fun() -> ?MODULE:f(1), f(2), apply(?MODULE, f, [3]), (fun ?MODULE:f/1)(4) end),
    erlang:trace_pattern({?MODULE, f, 1}, true, [local]),
    io:format("~p~n", [erlang:trace_info({?MODULE, f, 1}, traced)]),
    step(Tracee, "local", fun() -> ?MODULE:f(1), f(2), G = fun f/1, G(5), lists:map(fun f/1, [6, 7]) end),
    erlang:trace_pattern({?MODULE, g, 1}, [{['$1'], [{'>', '$1', 3}], [{return_trace}, {message, {{seen, '$1'}}}]}], [local]),
    io:format("~p~n", [erlang:trace_info({?MODULE, g, 1}, match_spec)]),
    step(Tracee, "guards", fun() -> g(2), g(4), g(5) end),
    erlang:trace_pattern({?MODULE, '_', '_'}, [{'_', [], [{exception_trace}]}], [local]),
    step(Tracee, "exceptions", fun() -> caught(1), catch fails(2), catch deep(3), h(4, 5) end),
    step(Tracee, "tail calls", fun() -> tail(3) end),
    erlang:trace_pattern({?MODULE, '_', '_'}, [{'_', [], [{message, {caller}}]}], [local]),
    step(Tracee, "callers", fun() -> h(1, 2), deep_enough() end),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]),
    erlang:trace(Tracee, true, [call, return_to, arity]),
    erlang:trace_pattern({?MODULE, g, 1}, true, [local]),
    erlang:trace_pattern({?MODULE, h, 2}, true, [local]),
    step(Tracee, "return_to", fun() -> h(1, 2), [g(X) || X <- [1, 2]], catch fails(3) end),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]),
    erlang:trace(Tracee, false, [return_to, arity]),
    natives(Tracee),
    count(),
    meta(),
    on_reload(Tracee),
    unlink(Tracee),
    exit(Tracee, kill),
    tests().

natives(Tracee) ->
    erlang:trace_pattern({erlang, atom_to_list, 1}, [{'_', [], [{return_trace}]}], [local]),
    erlang:trace_pattern({lists, reverse, 2}, true, []),
    step(Tracee, "natives", fun() -> atom_to_list(a), lists:reverse([1], [2]), catch atom_to_list(1),
                                     apply(erlang, atom_to_list, [b]) end),
    erlang:trace_pattern({erlang, '_', '_'}, false, [local]),
    erlang:trace_pattern({erlang, '_', '_'}, false, []),
    erlang:trace_pattern({lists, '_', '_'}, false, []),
    step(Tracee, "no natives", fun() -> atom_to_list(a), lists:reverse([1], [2]) end).

count() ->
    erlang:trace_pattern({?MODULE, loop, 1}, true, [call_count]),
    loop(10),
    io:format("~p~n", [erlang:trace_info({?MODULE, loop, 1}, call_count)]),
    erlang:trace_pattern({?MODULE, loop, 1}, pause, [call_count]),
    loop(10),
    io:format("~p~n", [erlang:trace_info({?MODULE, loop, 1}, call_count)]),
    erlang:trace_pattern({?MODULE, loop, 1}, restart, [call_count]),
    loop(3),
    io:format("~p~n", [erlang:trace_info({?MODULE, loop, 1}, call_count)]),
    erlang:trace_pattern({?MODULE, loop, 1}, false, [call_count]),
    io:format("~p~n", [erlang:trace_info({?MODULE, loop, 1}, call_count)]).

meta() ->
    Me = self(),
    Other = spawn(fun() -> receive go -> h(7, 8) end, Me ! done end),
    erlang:trace_pattern({?MODULE, h, 2}, [{'_', [], [{return_trace}]}], [meta]),
    io:format("~p~n", [erlang:trace_info({?MODULE, h, 2}, meta) =:= {meta, Me}]),
    Other ! go,
    receive done -> ok end,
    flush(Other),
    erlang:trace_pattern({?MODULE, h, 2}, false, [meta]).

on_reload(Tracee) ->
    erlang:trace_pattern({?MODULE, g, 1}, true, [local]),
    {_, Beam, File} = code:get_object_code(?MODULE),
    erlang:trace_pattern(on_load, true, [local]),
    io:format("~p~n", [erlang:trace_info(on_load, traced)]),
    {module, _} = code:load_binary(?MODULE, File, Beam),
    io:format("~p~n", [[erlang:trace_info({?MODULE, F, A}, traced) || {F, A} <- [{g, 1}, {f, 1}]]]),
    erlang:trace_pattern(on_load, false, [local]),
    erlang:trace_pattern({'_', '_', '_'}, false, [local]),
    step(Tracee, "reloaded", fun() -> ?MODULE:g(1) end).

tests() ->
    T = fun(Against, Spec, Type) -> io:format("~p~n", [catch erlang:match_spec_test(Against, Spec, Type)]) end,
    T([1, 2], [{['$1', '$2'], [], [{message, {{'$2', '$1'}}}, {return_trace}]}], trace),
    T([1, 2], [{['$1', '_'], [{is_atom, '$1'}], []}], trace),
    T([1], [{'_', [], [{exception_trace}, {silent, true}]}], trace),
    T([1], [{'$1', [], [{message, '$1'}]}], trace),
    T({a, 1}, [{{'$1', '$2'}, [{'>', '$2', 0}], ['$1']}], table),
    T({a, 1}, [{{'$1', '$2'}, [], ['$3', '$4']}], table),
    T({a, 1}, [{{'$1', '$2'}, [], []}], table),
    T({a, 1}, [{{'$1', '$2'}, [], [{return_trace}]}], table),
    T([a], [{a, [], [{no_function, 1}]}], trace),
    T([a], [{'_', [{return_trace}], [{atom_to_list, 1}, {message}, {1, 2}]}], trace),
    T([a], [], trace),
    T([a], a, trace),
    T([a], [a], trace),
    T([a], [{'_', x, y}], trace),
    T(a, [{'_', [], []}], trace),
    T(a, [{'_', [], []}], other),
    io:format("~p~n", [catch erlang:trace_pattern({a, '_', 1}, true, [])]),
    io:format("~p~n", [catch erlang:trace_pattern({a, b, c}, true, [local, global])]),
    io:format("~p~n", [catch erlang:trace(self(), true, [no_flag])]),
    io:format("~p~n", [catch erlang:trace(nobody, true, [call])]).

%% Has the tracee do something, and prints what it is told of that.
step(Tracee, Name, Work) ->
    io:format("-- ~s~n", [Name]),
    Tracee ! {work, Work},
    receive {Tracee, done} -> ok end,
    flush(Tracee).

flush(Tracee) ->
    receive
        {trace, Tracee, call, {?MODULE, Name, _}} when Name =:= tracee -> flush(Tracee);
        {trace, Tracee, A, {M, F, X}} -> io:format("~p ~p~n", [A, {M, name(F), X}]), flush(Tracee);
        {trace, Tracee, A, {M, F, X}, B} -> io:format("~p ~p ~p~n", [A, {M, name(F), X}, named(B)]), flush(Tracee);
        {trace_ts, Tracee, A, B, _} -> io:format("ts ~p ~p~n", [A, B]), flush(Tracee);
        {trace_ts, Tracee, A, B, C, _} -> io:format("ts ~p ~p ~p~n", [A, B, C]), flush(Tracee)
    after 50 -> ok
    end.

%% Funs have names that the compiler makes.
name(F) -> hd(string:split(atom_to_list(F), "/")).

named({M, F, A}) when is_atom(F) -> {M, name(F), A};
named(Other) -> Other.

tracee(Parent) ->
    receive {work, Work} -> Work() end,
    Parent ! {self(), done},
    tracee(Parent).

f(X) -> X + 1.
g(X) -> X * 2.
h(X, Y) -> g(X) + f(Y).
fails(X) -> exit({bad, g(X)}).
deep(X) -> Y = fails(X), Y + 1.
caught(X) -> try deep(X) catch exit:R -> R end.
deep_enough() -> h(3, 4), ok.
loop(0) -> ok;
loop(N) -> loop(N - 1).
tail(0) -> done;
tail(N) -> tail(N - 1).
