%% The compiler's answers: warnings, errors, and code that runs.
-module(compile_forms).
-export([main/0]).

main() ->
    Good = "-module(made).\n-export([f/1, g/2]).\nf(X) when X > 10 -> big;\nf(X) -> {small, X, [Y * 2 || Y <- [1, 2, X]]}.\ng(A, B) -> #{a => A, b => B, sum => A + B}.\n",
    {ok, made, Bin} = compile:forms(forms(Good), [binary]),
    {module, made} = code:load_binary(made, "made.erl", Bin),
    io:format("~p~n", [[made:f(11), made:f(3), made:g(1, 2)]]),
    io:format("~p~n", [made:module_info(exports)]),
    Bad = "-module(bad).\n-export([f/1]).\nf(X) -> Y + X.\nunused() -> 1.\n",
    io:format("~p~n", [compile:forms(forms(Bad), [return])]),
    {ok, core, Core} = {ok, core, element(3, compile:forms(forms(Good), [to_core, binary]))},
    io:format("~s~n", [core_pp:format(Core)]),
    {ok, _, {made, Exp, Attr, Code, Labels}} = compile:forms(forms(Good), ['S', binary, no_line_info]),
    io:format("~p~n", [{Exp, length(Attr), Labels, length(Code)}]),
    io:format("~p~n", [element(2, lists:nth(1, Code))]),
    {ok, {made, [{imports, I}, {exports, E}]}} = beam_lib:chunks(Bin, [imports, exports]),
    io:format("~p ~p~n", [I, E]).

forms(Text) -> forms(erl_scan:tokens([], Text, 1), []).
forms({done, {ok, Ts, L}, Rest}, Acc) -> {ok, F} = erl_parse:parse_form(Ts), forms(erl_scan:tokens([], Rest, L), [F | Acc]);
forms(_, Acc) -> lists:reverse(Acc).
