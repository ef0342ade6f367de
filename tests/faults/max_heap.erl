-module(max_heap).
-export([main/0]).

main() ->
    Ways = [
        {list, fun() -> lists:seq(1, 10000000) end},
        {recursion, fun() -> deep(1) end},
        {tail, fun() -> grow([]) end},
        {binary_to_term, fun() -> id(binary_to_term(term_to_binary(lists:seq(1, 5000000)))), grow([]) end},
        {binaries, fun() -> binaries([]) end},
        {tuple, fun() -> id(erlang:make_tuple(5000000, 1)), grow([]) end},
        {messages, fun() -> messages() end},
        {map, fun() -> maps:from_list([{N, N} || N <- lists:seq(1, 3000000)]) end},
        {ets, fun() -> T = ets:new(t, []), [ets:insert(T, {N, lists:seq(1, 100)}) || N <- lists:seq(1, 3000)], ets:tab2list(T) end},
        {dictionary, fun() -> [put(N, N) || N <- lists:seq(1, 3000000)] end},
        {string, fun() -> [integer_to_list(N) || N <- lists:seq(1, 3000000)] end}
    ],
    [begin
        Max = #{size => 200000, kill => true, error_logger => false, include_shared_binaries => true},
        {P, R} = spawn_opt(F, [monitor, {max_heap_size, Max}]),
        if Name =:= messages -> [P ! lists:seq(1, 100) || _ <- lists:seq(1, 5000)]; true -> ok end,
        receive {'DOWN', R, process, P, Why} -> io:format("~p ~p~n", [Name, Why]) after 60000 -> io:format("~p lives~n", [Name]) end
     end || {Name, F} <- Ways],
    Soft = spawn_monitor(fun() -> process_flag(max_heap_size, #{size => 10000, kill => false, error_logger => false}), lists:seq(1, 100000), exit(done) end),
    receive {'DOWN', _, process, P0, Why0} when P0 =:= element(1, Soft) -> io:format("soft ~p~n", [Why0]) end.

id(X) -> X.
deep(N) -> 1 + deep(N + 1).
grow(L) -> grow([L | {L}]).
binaries(L) -> binaries([binary:copy(<<1>>, 100000) | L]).
messages() -> receive go -> ok after 500 -> grow([]) end.
