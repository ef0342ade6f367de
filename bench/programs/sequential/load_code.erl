%% One module of 300 functions compiled once and loaded N times: the loader.
-module(load_code).
-export([prepare/1, run/1]).

prepare(N) ->
    {ok, loaded, Binary} = compile:forms(forms(300), [no_line_info]),
    {N, Binary}.

run({N, Binary}) -> loads(N, Binary, 0).

loads(0, _, Sum) -> Sum;
loads(N, Binary, Sum) ->
    code:purge(loaded),
    {module, loaded} = erlang:load_module(loaded, Binary),
    V = apply(loaded, f1, [{ok, N}]),
    erlang:delete_module(loaded),
    loads(N - 1, Binary, Sum + V).

forms(Count) ->
    Functions = [
        io_lib:format(
            "f~b({ok, X}) when X > ~b -> case X rem 7 of 0 -> [X, {a, X}]; 1 -> X + 1; _ -> X bsl 1 end;~n"
            "f~b({ok, X}) -> X + ~b; f~b([H | T]) -> H + length(T); f~b(<<A, B/binary>>) -> {A, B}.",
            [I, I * 10000000, I, I, I, I])
     || I <- lists:seq(1, Count)
    ],
    Texts = ["-module(loaded).", "-compile(export_all)." | Functions],
    [form(lists:flatten(T)) || T <- Texts].

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.
