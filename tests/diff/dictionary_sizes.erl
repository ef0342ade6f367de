%% Process dictionaries that grow and shrink, against a map with the same contents.
-module(dictionary_sizes).
-export([main/0]).

main() ->
    rand:seed(exsss, {1, 2, 3}),
    [io:format("~p ~p~n", [Keys, with(Keys)]) || Keys <- [3, 9, 12, 20, 100]].

with(Keys) ->
    Self = self(),
    Pid = spawn_link(fun() -> Self ! {self(), steps(20000, Keys, #{})} end),
    receive {Pid, Result} -> Result end.

steps(0, _, Map) ->
    lists:sort([P || {K, _} = P <- get(), K =/= rand_seed]) =:= lists:sort(maps:to_list(Map));
steps(N, Keys, Map) ->
    Key = key(rand:uniform(Keys)),
    Known = maps:get(Key, Map, undefined),
    %% long runs of one kind, so that the size swings from end to end
    case (N div 50 + rand:uniform(3)) rem 4 of
        R when R < 2 -> Known = put(Key, N), steps(N - 1, Keys, Map#{Key => N});
        2 -> Known = erase(Key), steps(N - 1, Keys, maps:remove(Key, Map));
        3 -> Known = get(Key), Known = erase(Key), steps(N - 1, Keys, maps:remove(Key, Map))
    end.

key(N) when N rem 3 =:= 0 -> {key, N};
key(N) when N rem 3 =:= 1 -> list_to_atom("key" ++ integer_to_list(N));
key(N) -> N.
