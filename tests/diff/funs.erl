%% Funs: closures, recursion, external funs, arity, equality, info.
-module(funs).
-export([main/0, add/2]).

main() ->
    Add = fun(N) -> fun(X) -> X + N end end,
    io:format("~p~n", [(Add(3))(4)]),
    io:format("~p~n", [lists:map(fun(F) -> F(2) end, [Add(1), Add(10), fun(X) -> X * X end])]),
    Fac = fun F(0) -> 1; F(N) -> N * F(N - 1) end,
    io:format("~p~n", [Fac(30)]),
    Ext = fun ?MODULE:add/2,
    io:format("~p ~p~n", [Ext(1, 2), Ext]),
    io:format("~p~n", [[Ext =:= fun ?MODULE:add/2, Add(1) =:= Add(1), Add(1) =:= Add(2), is_function(Ext, 2), is_function(Ext, 3)]]),
    io:format("~p~n", [[erlang:fun_info(Ext, K) || K <- [module, name, arity, type, env]]]),
    io:format("~p~n", [[erlang:fun_info(Add, K) || K <- [module, arity, type, env]]]),
    io:format("~p~n", [erlang:fun_info(Add(7), env)]),
    M = lists, N = sum,
    io:format("~p ~p~n", [M:N([1, 2, 3]), (fun M:N/1)([4, 5])]),
    Many = fun(A, B, C, D, E, F, G, H, I, J) -> A + B + C + D + E + F + G + H + I + J end,
    io:format("~p~n", [Many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]),
    {A1, B1, C1, D1} = {1, 2.5, "three", {four}},
    Env = fun() -> {A1, B1, C1, D1} end,
    io:format("~p~n", [Env()]),
    io:format("~p~n", [lists:foldl(fun(G, Acc) -> G(Acc) end, 1, [fun(X) -> X + 1 end, fun(X) -> X * 10 end])]),
    io:format("~p~n", [(fun add/2)(5, 6)]).

add(A, B) -> A + B.
