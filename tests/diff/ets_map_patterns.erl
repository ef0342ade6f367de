%% Maps in match patterns: constant ones, those with variables, keys.
-module(ets_map_patterns).
-export([main/0]).

main() ->
    T = ets:new(x, [duplicate_bag]),
    [ets:insert(T, {K, V}) || {K, V} <- [{#{a=>1,b=>2}, a}, {#{a=>1}, #{#{a=>1}=>9}}, {a, #{a=>5}}, {#{#{z=>1}=>1, q=>2}, #{'_'=>3}}, {#{'$1'=>4}, #{{'$1'}=>6}}, {[#{a=>1,b=>2}], x}]],
    Ps = [{#{a=>1},'_'}, {#{a=>1},'$1'}, {#{a=>'_'},'_'}, {'$1',#{'$1'=>'_'}}, {'_',#{'_'=>3}}, {'_',#{'_'=>'_'}}, {#{'$1'=>4},'_'}, {'_',#{{'$1'}=>6}}, {'_',#{{'$1'}=>'$2'}},{#{#{z=>1}=>'_'},'_'},{#{#{z=>'_'}=>'_'},'_'},{[#{a=>1}],'_'},{#{},'_'},{#{b=>'$1',a=>'$2'},'_'},{#{#{z=>'_'}=>1},'_'}, {#{'$1'=>'$1'},'_'}, {[#{a=>'$1'}],'_'}],
    [io:format("~p: ~p~n", [P, try lists:sort(ets:match_object(T, P)) catch _:R -> R end]) || P <- Ps],
    [io:format("~p: ~p~n", [P, try lists:sort(ets:match_object(T2, P)) catch _:R -> R end]) || T2 <- [begin O = ets:new(x,[ordered_set]), ets:insert(O, ets:tab2list(T)), O end], P <- Ps],
    [io:format("~p: ~p~n", [P, try lists:sort(ets:match(T, P)) catch _:R -> R end]) || P <- Ps].
