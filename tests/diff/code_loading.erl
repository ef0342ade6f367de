%% Compiling from forms, loading, calling, upgrading, purging, deleting.
-module(code_loading).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    io:format("~p~n", [load(1)]),
    io:format("~p~n", [(m()):version()]),
    P = spawn((m()), loop, []),
    io:format("~p~n", [ask(P)]),
    io:format("~p~n", [load(2)]),
    io:format("~p ~p~n", [(m()):version(), ask(P)]),
    io:format("~p ~p~n", [erlang:check_old_code(m()), erlang:check_process_code(P, m())]),
    io:format("~p~n", [code:soft_purge(m())]),
    P ! switch,
    io:format("~p~n", [ask(P)]),
    io:format("~p~n", [code:soft_purge(m())]),
    Old = fun_of(),
    io:format("~p~n", [load(3)]),
    io:format("~p~n", [[Old(), ask(P), (m()):version()]]),
    M = monitor(process, P),
    io:format("~p~n", [code:purge(m())]),
    io:format("~p~n", [receive {'DOWN', M, process, P, R} -> R after 1000 -> alive end]),
    io:format("~p~n", [try Old() catch error:{E, _} -> E; error:E -> E end]),
    io:format("~p~n", [[code:is_loaded(m()), erlang:module_loaded(m()), code:delete(m()), code:delete(m()), erlang:module_loaded(m())]]),
    io:format("~p~n", [try (m()):version() catch error:E2 -> E2 end]),
    io:format("~p~n", [code:purge(m())]),
    io:format("~p~n", [code:load_binary(m(), "bad", <<"not a beam">>)]),
    io:format("~p~n", [code:load_file(no_such_module_here)]),
    io:format("~p~n", [erlang:load_module(m(), <<1, 2, 3>>)]),
    io:format("~p~n", [lists:member({main, 0}, ?MODULE:module_info(exports))]),
    io:format("~p~n", [[erlang:function_exported(?MODULE, main, 0), erlang:function_exported(?MODULE, m, 0), erlang:function_exported(erlang, abs, 1), erlang:is_builtin(erlang, abs, 1)]]).

m() -> loaded_at_run_time.
fun_of() -> (m()):a_fun().

load(V) ->
    {ok, M, Bin} = compile:forms(forms(V), []),
    code:load_binary(M, "memory", Bin).

forms(V) ->
    Text = ["-module(loaded_at_run_time).", "-export([version/0, loop/0, a_fun/0]).",
            io_lib:format("version() -> ~w.", [V]), io_lib:format("a_fun() -> fun() -> {from, ~w} end.", [V]),
            io_lib:format("loop() -> receive {ask, P} -> P ! {version, ~w}, loop(); switch -> loaded_at_run_time:loop() end.", [V])],
    [begin {ok, Ts, _} = erl_scan:string(lists:flatten(T)), {ok, F} = erl_parse:parse_form(Ts), F end || T <- Text].

ask(P) -> P ! {ask, self()}, receive {version, V} -> V after 1000 -> silence end.
