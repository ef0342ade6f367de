%% match, match_object, select, select_count, select_delete, select_replace and match specifications.
-module(ets_match).
-export([main/0]).

main() ->
    T = ets:new(t, [set]),
    ets:insert(T, [{N, N rem 3, {item, integer_to_list(N)}, N / 2} || N <- lists:seq(1, 30)]),
    io:format("~p~n", [lists:sort(ets:match(T, {'$1', 0, '_', '_'}))]),
    io:format("~p~n", [lists:sort(ets:match(T, {'$2', 1, {item, '$1'}, '_'}))]),
    io:format("~p~n", [ets:match_object(T, {7, '_', '_', '_'})]),
    io:format("~p~n", [ets:match(T, {'_', '_', {item, "31"}, '_'})]),
    Specs = [[{{'$1', '$2', '_', '$3'}, [{'=:=', '$2', 2}, {'<', '$3', 5}], [{{'$1', '$3'}}]}],
             [{{'$1', '_', '_', '_'}, [{'orelse', {'<', '$1', 3}, {'>', '$1', 28}}], ['$_']}],
             [{{'$1', '$2', '_', '_'}, [{'==', {'rem', '$1', 10}, '$2'}], ['$$']}],
             [{{'$1', 0, '_', '_'}, [], [{{done, {'+', '$1', 100}}}]}, {{'$1', '_', '_', '_'}, [{'==', '$1', 1}], [{const, {one, '$1'}}]}],
             [{{'$1', '_', '$2', '_'}, [{is_tuple, '$2'}, {'>', {size, '$2'}, 1}, {'=<', '$1', 2}], [{element, 2, '$2'}]}],
             [{{'$1', '_', '_', '_'}, [{'not', {'>', '$1', 2}}], [#{key => '$1'}, "const"]}],
             [{{'$1', '_', '_', '_'}, [{'andalso', {is_integer, '$1'}, {'>', {abs, {'-', '$1', 15}}, 13}}], [['$1' | tail]]}],
             [{{'$1', '_', '_', '_'}, [{'>', {hd, '$1'}, 1}], [bad_guard]}]],
    [io:format("~p~n", [lists:sort(ets:select(T, S))]) || S <- Specs],
    io:format("~p~n", [ets:select_count(T, [{{'_', 1, '_', '_'}, [], [true]}])]),
    io:format("~p~n", [ets:select_delete(T, [{{'$1', '_', '_', '_'}, [{'>', '$1', 20}], [true]}])]),
    io:format("~p~n", [ets:select_replace(T, [{{'$1', 0, '$2', '$3'}, [], [{{'$1', zero, '$2', '$3'}}]}])]),
    io:format("~p~n", [lists:sort(ets:tab2list(T))]),
    io:format("~p~n", [ets:match_delete(T, {'_', zero, '_', '_'})]),
    io:format("~p~n", [ets:info(T, size)]),
    [io:format("~p~n", [try ets:select(T, S) catch C:R -> {C, R} end]) || S <- [x, [{a}], [{{'_'}, [{nofun, 1}], ['$_']}], [{{'$1'}, [], ['$2']}]]],
    io:format("~p~n", [ets:test_ms({1, 2}, [{{'$1', '$2'}, [], [{{'$2', '$1'}}]}])]),
    io:format("~p~n", [ets:is_compiled_ms(ets:match_spec_compile([{'_', [], [ok]}]))]),
    io:format("~p~n", [ets:match_spec_run([{1}, {2}, {3}], ets:match_spec_compile([{{'$1'}, [{'>', '$1', 1}], ['$1']}]))]).
