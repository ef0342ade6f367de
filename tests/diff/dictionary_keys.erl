%% Keys of the process dictionary that are no atoms stay whole while their process collects garbage.
-module(dictionary_keys).
-export([main/0]).

main() ->
    [put(key(N), [value, N]) || N <- lists:seq(1, 100)],
    churn(20),
    erlang:garbage_collect(),
    churn(20),
    io:format("~p~n", [[get(key(N)) =:= [value, N] || N <- lists:seq(1, 100)] =:= lists:duplicate(100, true)]),
    io:format("~p~n", [lists:sort(get_keys([value, 7])) =:= [key(7)]]),
    io:format("~p~n", [lists:sort(get_keys()) =:= lists:sort([key(N) || N <- lists:seq(1, 100)])]),
    io:format("~p~n", [lists:sublist(lists:sort(get()), 2)]),
    io:format("~p ~p~n", [erase(key(3)), get(key(3))]).

key(N) -> {key, [N, integer_to_list(N)]}.

churn(0) -> ok;
churn(N) ->
    _ = lists:sum([length([N, I]) || I <- lists:seq(1, 2000)]),
    churn(N - 1).
