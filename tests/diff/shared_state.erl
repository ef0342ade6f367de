%% persistent_term, atomics and counters.
-module(shared_state).
-export([main/0]).

main() ->
    io:format("~p~n", [persistent_term:put({?MODULE, a}, #{big => lists:seq(1, 100)})]),
    io:format("~p~n", [map_size(persistent_term:get({?MODULE, a}))]),
    io:format("~p~n", [[persistent_term:get(nokey, default), try persistent_term:get(nokey) catch error:E -> E end]]),
    Held = persistent_term:get({?MODULE, a}),
    persistent_term:put({?MODULE, a}, replaced),
    erlang:garbage_collect(),
    io:format("~p ~p~n", [lists:sum(maps:get(big, Held)), persistent_term:get({?MODULE, a})]),
    io:format("~p ~p~n", [persistent_term:erase({?MODULE, a}), persistent_term:erase({?MODULE, a})]),
    A = atomics:new(4, []),
    atomics:put(A, 1, 10), atomics:add(A, 1, -15), atomics:sub(A, 2, 1),
    io:format("~p~n", [[atomics:get(A, N) || N <- [1, 2, 3, 4]]]),
    io:format("~p~n", [[atomics:add_get(A, 3, 7), atomics:sub_get(A, 3, 2), atomics:exchange(A, 3, 1), atomics:compare_exchange(A, 3, 1, 2), atomics:compare_exchange(A, 3, 1, 9)]]),
    io:format("~p~n", [maps:with([size, max, min], atomics:info(A))]),
    U = atomics:new(1, [{signed, false}]),
    atomics:sub(U, 1, 1),
    io:format("~p~n", [atomics:get(U, 1)]),
    [io:format("~p~n", [try F() catch C:R -> {C, R} end]) || F <- [fun() -> atomics:get(A, 0) end, fun() -> atomics:get(A, 5) end, fun() -> atomics:put(A, 1, 1 bsl 64) end, fun() -> atomics:new(0, []) end, fun() -> atomics:get(make_ref(), 1) end]],
    atomics:put(A, 4, 1 bsl 63 - 1), atomics:add(A, 4, 1),
    io:format("~p~n", [atomics:get(A, 4)]),
    [begin
         C = counters:new(2, Opts),
         Me = self(),
         [spawn(fun() -> [counters:add(C, 1, 1) || _ <- lists:seq(1, 1000)], Me ! done end) || _ <- lists:seq(1, 10)],
         [receive done -> ok end || _ <- lists:seq(1, 10)],
         counters:sub(C, 2, 3), counters:put(C, 2, counters:get(C, 2) * 2),
         io:format("~p~n", [[counters:get(C, 1), counters:get(C, 2), maps:get(size, counters:info(C))]])
     end || Opts <- [[atomics], [write_concurrency]]].
