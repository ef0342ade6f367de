%% put, get, erase and their answers; one dictionary per process.
-module(process_dictionary).
-export([main/0]).

main() ->
    erase(),
    io:format("~p~n", [[put(a, 1), put(a, 2), get(a), put({k}, "v"), get({k}), get(none), erase(a), erase(a), get(a)]]),
    [put(K, K * K) || K <- lists:seq(1, 200)],
    io:format("~p~n", [lists:sum([V || {K, V} <- get(), is_integer(K)])]),
    io:format("~p~n", [[get(K) || K <- [1, 50, 200, 201]]]),
    [erase(K) || K <- lists:seq(1, 200), K rem 2 =:= 0],
    io:format("~p~n", [length(get())]),
    io:format("~p~n", [lists:sort(erlang:get_keys(81))]),
    Me = self(),
    spawn(fun() -> put(x, child), Me ! {get(1), get(x)} end),
    io:format("~p~n", [receive M -> M end]),
    io:format("~p ~p~n", [length(erase()), get()]).

