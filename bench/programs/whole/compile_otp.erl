%% The first N modules of the back end of OTP's compiler, compiled from their sources by itself.
-module(compile_otp).
-export([prepare/1, run/1]).

prepare(N) ->
    Files = filelib:wildcard(filename:join([code:lib_dir(compiler), "src", "beam_*.erl"])),
    [_ | _] = lists:sublist(Files, N).

run(Files) -> lists:sum([byte_size(compiled(F)) || F <- Files]).

compiled(File) ->
    Includes = [{i, filename:join(code:lib_dir(App), Dir)} || {App, Dir} <- [{stdlib, "include"}, {compiler, "src"}]],
    {ok, _, Binary} = compile:file(File, [binary, deterministic, {d, 'COMPILER_VSN', "0"} | Includes]),
    Binary.
