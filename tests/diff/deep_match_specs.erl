%% Match specifications nested more deeply than a stack is high: patterns of any depth match, expressions are
%% refused from some depth on.
-module(deep_match_specs).
-export([main/0]).

main() ->
    Guard = deep(fun(N, Inner) -> {'or', {'=:=', N, '$1'}, Inner} end, true, 100000),
    Body = deep(fun(_, Inner) -> {{Inner}} end, x, 100000),
    Specs = [[{{'$1'}, [Guard], ['$_']}], [{{'$1'}, [], [Body]}], [{{'$1'}, [Guard, '$5'], ['$_']}]],
    Table = ets:new(table, []),
    ets:insert(Table, {1}),
    [io:format("~p ~p~n", [F, [outcome(fun() -> ets:F(Table, Spec) end) || Spec <- Specs]])
     || F <- [select, select_count, select_delete, select_reverse]],
    io:format("~p~n", [[outcome(fun() -> ets:select(Table, Spec, 2) end) || Spec <- Specs]]),
    io:format("~p~n", [[outcome(fun() -> ets:match_spec_compile(Spec) end) || Spec <- Specs]]),
    io:format("~p~n", [outcome(fun() -> erlang:trace_pattern({?MODULE, '_', '_'}, [{['$1'], [Guard], []}], []) end)]),
    {error, [{error, Text} | _]} = erlang:match_spec_test({1}, hd(Specs), table),
    io:format("~s~n", [lists:sublist(Text, 45)]),
    Moderate = deep(fun(N, Inner) -> {'or', {'=:=', N, '$1'}, Inner} end, true, 1000),
    io:format("~p~n", [ets:select(Table, [{{'$1'}, [Moderate], ['$_']}])]),
    io:format("~p~n", [[matches(F, 300000) || F <- [fun(_, Inner) -> {Inner} end, fun(_, Inner) -> [Inner] end,
                                                    fun(_, Inner) -> #{k => Inner} end]]]),
    Long = lists:duplicate(300000, '$1'),
    Compiled = ets:match_spec_compile([{{Long}, [], [ok]}]),
    Ones = lists:duplicate(300000, 1),
    io:format("~p~n", [ets:match_spec_run([{Ones}, {[2 | tl(Ones)]}, {tl(Ones)}], Compiled)]).

deep(_, Inner, 0) -> Inner;
deep(F, Inner, N) -> deep(F, F(N, Inner), N - 1).

matches(F, N) ->
    Compiled = ets:match_spec_compile([{{deep(F, '$1', N)}, [], ['$1']}]),
    ets:match_spec_run([{deep(F, found, N)}, {deep(F, lost, N - 1)}], Compiled) =:= [found].

outcome(F) ->
    try F() of
        _ -> ok
    catch
        error:Reason -> Reason
    end.
