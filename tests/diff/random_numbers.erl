%% rand with a seed gives the same numbers everywhere.
-module(random_numbers).
-export([main/0]).

main() ->
    [begin
         S0 = rand:seed_s(Alg, {1, 2, 3}),
         {L, S1} = lists:mapfoldl(fun(_, S) -> rand:uniform_s(1000000, S) end, S0, lists:seq(1, 8)),
         {F, S2} = rand:uniform_s(S1),
         {N, S3} = rand:normal_s(S2),
         {B, _} = rand:bytes_s(8, S3),
         io:format("~p ~p ~p ~p ~p~n", [Alg, L, F, N, B])
     end || Alg <- [exsss, exro928ss, exrop, exs1024s, exsp]],
    rand:seed(exsss, 42),
    io:format("~p~n", [[rand:uniform(1 bsl 100) || _ <- [1, 2, 3]]]),
    io:format("~p~n", [lists:sum([rand:uniform(6) || _ <- lists:seq(1, 1000)])]).
