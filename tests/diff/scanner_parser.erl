%% erl_scan, erl_parse, erl_eval, erl_pp: OTP's own language tools run.
-module(scanner_parser).
-export([main/0]).

main() ->
    Exprs = ["1 + 2 * 3.", "[X * X || X <- [1,2,3], X > 1].", "begin A = 5, B = A + 1, {A, B} end.", "case {ok, 3} of {ok, N} when N > 2 -> big; _ -> small end.",
             "(fun F(0) -> 1; F(N) -> N * F(N - 1) end)(10).", "try throw(x) catch throw:Y -> {caught, Y} end.", "<< <<X:4>> || X <- [1,2,3,4] >>.", "#{a => 1, b => #{c => 2}}.",
             "\"str\" ++ [$a, $\\n].", "receive nothing -> 1 after 0 -> timeout end.", "lists:map(fun(X) -> X + 1 end, [1, 2]).", "16#FF bsl 2 band bnot 7.", "if true -> yes end."],
    [begin
         {ok, Ts, _} = erl_scan:string(E),
         {ok, Es} = erl_parse:parse_exprs(Ts),
         {value, V, _} = erl_eval:exprs(Es, []),
         io:format("~s => ~p~n", [lists:flatten(erl_pp:exprs(Es)), V])
     end || E <- Exprs],
    io:format("~p~n", [erl_scan:string("foo(Bar, 'q a', \"s\", 1.5e3, $x) -> <<1>>. % c", {1, 1}, [return])]),
    [io:format("~p~n", [erl_parse_bad(S)]) || S <- ["1 +.", "foo(.", "a b."]],
    io:format("~p~n", [erl_scan:string("'unfinished")]).

erl_parse_bad(S) -> {ok, Ts, _} = erl_scan:string(S), erl_parse:parse_exprs(Ts).
