%% -on_load: success, failure, and calls that wait for it.
-module(code_on_load).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    io:format("~p~n", [load(good, "ok")]),
    io:format("~p~n", [good:value()]),
    io:format("~p~n", [load(bad, "{error, refused}")]),
    io:format("~p~n", [try bad:value() catch error:R -> R end]),
    io:format("~p~n", [load(crash, "error(oops)")]),
    io:format("~p~n", [erlang:module_loaded(crash)]),
    io:format("~p~n", [load(slow, "timer:sleep(100)")]),
    io:format("~p~n", [slow:value()]).

load(M, Body) ->
    Text = [io_lib:format("-module(~s).", [M]), "-export([value/0]).", "-on_load(start/0).", "value() -> persistent_term:get(on_load_ran, no).",
            "start() -> persistent_term:put(on_load_ran, yes), " ++ Body ++ "."],
    Forms = [begin {ok, Ts, _} = erl_scan:string(lists:flatten(T)), {ok, F} = erl_parse:parse_form(Ts), F end || T <- Text],
    {ok, M, Bin} = compile:forms(Forms, []),
    case code:load_binary(M, "memory", Bin) of
        {error, on_load_failure} -> failure;
        {module, M} -> loaded;
        Other -> Other
    end.
