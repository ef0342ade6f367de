%% Match specifications over tables of each type: comparisons, variables that stand several times or in one clause
%% only, many of them, parts within parts, results made of several, keys that are given, order, failing bodies.
-module(ets_specifications).
-export([main/0]).

main() ->
    [table(Type, Options) || Type <- [set, ordered_set, bag, duplicate_bag],
                             Options <- [[], [{write_concurrency, true}], [{keypos, 2}]]],
    deleted(),
    [run(Terms, Spec) || {Terms, Specs} <- [maps(), records(), bodies(), guards()], Spec <- Specs],
    T = ets:new(t, []),
    ets:insert(T, [{#{a => 1}, 1}, {#{a => 1, b => 2}, 2}, {[#{a => 1}], 3}, {[#{a => 1, b => 2}], 3}]),
    [io:format("~w ~w~n", [Key, {ets:match(T, {Key, '$1'}), ets:select(T, [{{Key, '$1'}, [], ['$_']}])}])
     || Key <- [#{a => 1}, [#{a => 1}], #{a => 1, b => 2}, #{}, {}]],
    [io:format("~w/~w ~w~n", [F, A, refused(F, A)]) || {F, A} <- lists:usort(erlang:module_info(exports))].

run(Terms, Spec) ->
    io:format("~w ~w~n", [Spec, try ets:match_spec_run(Terms, ets:match_spec_compile(Spec)) catch error:R -> R end]).

refused(F, A) ->
    try ets:match_spec_compile([{'_', [], [list_to_tuple([F | lists:duplicate(A, 1)])]}]) of _ -> taken catch error:R -> R end.

%% A map within a pattern takes every map that has its pairs; as the key it is one that is looked for.
maps() ->
    {[{#{}}, {#{a => 1}}, {#{a => 1, b => 2}}, {maps:from_list([{I, I} || I <- lists:seq(1, 40)])}, {x},
      {[#{}]}, {[#{a => 1}]}, {[#{a => 1} | x]}],
     [[{P, [], [{map_size, {element, 1, '$_'}}]}]
      || P <- [{#{}}, {#{a => 1}}, {#{1 => 1}}, {#{a => '_'}}, {#{a => '$1'}}, {maps:from_list([{I, I} || I <- lists:seq(2, 39)])},
               {[#{}]}, {[#{} | '_']}, {[#{a => 1}]}, {[#{a => '_'}]}]]}.

records() ->
    {[{{a, 1}}, {{b, 1}}, {{a, 1, 2}}, {x}],
     [[{{'$1'}, [{is_record, '$1', Tag, Size}], ['$1']}]
      || Tag <- [a, 1, '$1', {const, a}, b], Size <- [2, 3, '$1', {const, 2}, {'+', 1, 1}, 0, -1, x]]}.

%% Each call that fails is 'EXIT', within what else it stands.
bodies() ->
    {[{1}, {a}, {true}, {false}],
     [[{{'$1'}, [], [Body]}]
      || Body <- truths() ++ [{'+', '$1', {hd, '$1'}}, [{hd, '$1'}, {hd, '$1'}], #{{hd, '$1'} => {tl, '$1'}}, {{{hd, '$1'}}},
                              {'==', {hd, '$1'}, 'EXIT'}, {is_record, {hd, '$1'}, a, 2}]]}.

guards() ->
    {[{1}, {a}, {true}, {false}], [[{{'$1'}, [Guard], [ok]}] || Guard <- truths()]}.

truths() ->
    [{'and', '$1', true}, {'or', '$1', true}, {'xor', '$1', true}, {'andalso', '$1', true}, {'orelse', '$1', true}, {'not', '$1'},
     {'andalso', true, '$1'}, {'orelse', false, '$1'}, {'andalso', false, {hd, 1}}, {'andalso', {hd, 1}, true},
     {'orelse', {hd, 1}, true}, {'orelse', true, {hd, 1}}, {is_atom, {hd, '$1'}}].

table(Type, Options) ->
    T = ets:new(t, [Type, public | Options]),
    ets:insert(T, [{K, K rem 7, value(K)} || K <- lists:seq(1, 60)]),
    ets:insert(T, [{K, K, {K, K}} || K <- lists:seq(1, 9)]),
    ets:insert(T, [{1.0, 1, x}, {a, b, c, d}, {[1, 2], {1, 2}, [1 | 2]}, {list_to_tuple(lists:seq(1, 12)), 0, 0}]),
    io:format("~p ~p~n", [Type, Options]),
    Plain = [[{{'$1', '$2', '_'}, [{Op, '$1', Right}], ['$1']}]
             || Op <- ['==', '/=', '=:=', '=/=', '<', '=<', '>', '>='], Right <- [3, 3.0, '$2', {const, {1}}, a, []]],
    [all(T, S) || S <- Plain ++ specifications()],
    [io:format("~w~n", [[ets:match(T, P), ets:match_object(T, P)]]) || P <- patterns()].

value(K) when K rem 3 =:= 0 -> <<"some text", K>>;
value(K) when K rem 3 =:= 1 -> {K, [K, {K}], #{K => K}};
value(K) -> K * 1.5.

specifications() ->
    [[{{'$1', '$1', '_'}, [], ['$_']}],
     [{{'$1', '$2', {'$1', '$2'}}, [], ['$$']}],
     [{{'$3', '$1', '$2'}, [{is_tuple, '$2'}], ['$$']}],
     [{{'$1', '$2', '$3'}, [{'<', '$1', 4}], [{{'$3', '$1', {{'$2', [], {const, [x]}}}}}]}],
     [{{'$1', '$2', '$3'}, [{'<', '$1', 4}], [['$3', '$1' | '$2']]}],
     [{{'$1', '$2', '$3'}, [{'<', '$1', 4}], [#{key => '$1', '$2' => '$3'}]}],
     [{{'$1', '_', {'$2', ['$2', {'$3'}], #{}}}, [{'>', '$1', 40}], ['$$']}],
     [{{'$1', 3, '$2'}, [{is_float, '$2'}], ['$2']}, {{'$2', 4, '$1'}, [{is_binary, '$1'}], ['$$']}, {{'$5', 5, '_'}, [], ['$$']}],
     [{{'$1', '$2', '$3'}, [{'orelse', {'<', '$1', 2}, {'andalso', {is_binary, '$3'}, {'>', {size, '$3'}, 1}}}], ['$1']}],
     [{{'$1', '$2', '_'}, [{'<', {'+', '$1', '$2'}, {'*', '$2', 3}}], [{'+', '$1', '$2'}]}],
     [{{'$1', '$2', '_'}, [{'<', '$1', 4}], ['$2', {hd, '$1'}]}],
     [{{'$1', '_', '_'}, [{'<', '$1', 4}], [{{'$1', {hd, '$1'}}}]}],
     [{{'$1', '_', '_'}, [{'<', {hd, '$1'}, 4}], ['$1']}],
     [{{'$1', '_', '_'}, ['$1'], ['$1']}],
     [{{'$1', '_', '_'}, [{'not', {'<', '$1', 55}}, {is_integer, '$1'}], [true]}],
     [{{'_', '_', '_', '_'}, [], ['$_']}],
     [{{5, '$1', '_'}, [], ['$_']}],
     [{{'_', 5, '_'}, [], ['$_']}],
     [{{a, b, '$1', '$2'}, [{'<', '$1', '$2'}], [['$2', '$1']]}],
     [{{'$1', '$2', '$3'}, [{is_record, '$3', a}], ['$1']}],
     [{{{'$1', '$2', '$3', '$4', '$5', '$6', '$7', '$8', '$9', '$10', '$11', '$12'}, '_', '_'}, [{'<', '$11', '$12'}], ['$$']}],
     [{{{'$12', '_', '$3', '$3'}, '_', '_'}, [], ['$$']}, {'$20', [{is_tuple, '$20'}, {'==', {size, '$20'}, 4}], ['$20']}],
     [{'_', [{'==', {element, 1, '$_'}, a}], [{{{self}, '$_'}}]}],
     [{'$1', [{'==', '$1', {{{const, a}, b, c, d}}}], [{const, ['$1']}]}],
     [{{'$1', '_', '_'}, [{'=:=', '$1', 1}], [{'<', '$1'}]}],
     [{{'$1', '_', '_'}, [{'<', '$1', '$9'}], ['$1']}]].

patterns() ->
    ['_', '$1', {'$1', '$1', '_'}, {'$2', '$1', '_'}, {'$1', '_', {'$1', '$2'}}, {7, '$1', '$2'}, {'_', 6, '$1'},
     {[1 | '$1'], {'$2', '_'}, ['$3' | '$4']}, {'_', '_', '_', '_'}, {}, none].

all(T, Spec) ->
    io:format("~w~n  ~w~n", [Spec, [clean(try F() catch error:R -> R end) || F <-
        [fun() -> ets:select(T, Spec) end,
         fun() -> ets:select_count(T, Spec) end,
         fun() -> ets:select_reverse(T, Spec) end,
         fun() -> pages(ets:select(T, Spec, 4)) end,
         fun() -> ets:match_spec_run(ets:tab2list(T), ets:match_spec_compile(Spec)) end]]]).

pages('$end_of_table') -> [];
pages({Page, More}) -> [Page | pages(ets:select(More))].

clean([{Pid, Object} | Rest]) when is_pid(Pid) -> [{pid, Object} | clean(Rest)];
clean([H | T]) -> [clean(H) | clean(T)];
clean(Other) -> Other.

%% What is deleted from a fixed table is found by nobody.
deleted() ->
    T = ets:new(t, [set]),
    ets:insert(T, [{K, K} || K <- lists:seq(1, 300)]),
    ets:safe_fixtable(T, true),
    [ets:delete(T, K) || K <- lists:seq(1, 300, 2)],
    [ets:insert(T, {K, new}) || K <- lists:seq(1, 300, 6)],
    io:format("~p~n", [{ets:select(T, [{{'$1', '$2'}, [], ['$2']}]), ets:select_count(T, [{'_', [], [true]}])}]),
    io:format("~p~n", [[{ets:member(T, K), try ets:lookup_element(T, K, 2) catch error:R1 -> R1 end,
                         ets:update_element(T, K, {2, x}),
                         try ets:update_counter(T, K, {2, 1}) catch error:R2 -> R2 end, ets:lookup(T, K)} || K <- lists:seq(1, 20)]]),
    ets:safe_fixtable(T, false),
    io:format("~p~n", [ets:info(T, size)]).
