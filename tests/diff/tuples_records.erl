%% Tuples and records: access, update, patterns, is_record.
-module(tuples_records).
-export([main/0]).
-record(point, {x = 0, y = 0, tag}).
-record(line, {from = #point{}, to :: #point{} | undefined}).

main() ->
    P = #point{x = 1},
    io:format("~p ~p~n", [P, #line{to = P}]),
    io:format("~p~n", [P#point{y = P#point.x + 1, tag = "t"}]),
    L = #line{from = P, to = P#point{x = 9}},
    io:format("~p~n", [(L#line.to)#point.x]),
    io:format("~p~n", [[len(X) || X <- [P, L, {point, 1}, {point, 1, 2, 3}, other]]]),
    io:format("~p~n", [[is_record(P, point), is_record(P, point, 4), is_record(P, line), is_record({point}, point)]]),
    io:format("~p ~p ~p~n", [#point.y, record_info(fields, point), record_info(size, line)]),
    io:format("~p~n", [try (id(x))#point.x catch C:R -> {C, R} end]),
    io:format("~p~n", [try (id({point, 1}))#point{x = 2} catch C1:R1 -> {C1, R1} end]),
    T = list_to_tuple(lists:seq(1, 1000)),
    io:format("~p ~p~n", [element(1000, T), tuple_size(setelement(500, T, x))]),
    io:format("~p~n", [lists:foldl(fun(I, Acc) -> setelement(I, Acc, I * I) end, erlang:make_tuple(10, 0), lists:seq(1, 10))]).

len(#point{x = X, y = Y}) when is_integer(X), is_integer(Y) -> {point, X, Y};
len(#line{from = #point{x = A}, to = #point{x = B}}) -> {line, B - A};
len(_) -> none.
id(X) -> X.
