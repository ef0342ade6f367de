%% Elixir's compiler on the sources of ExUnit, N times; the source comes from Elixir's.
-module(elixir_compile).
-export([prepare/1, run/1]).

prepare(N) ->
    {ok, _} = application:ensure_all_started(elixir),
    'Elixir.Code':compiler_options([{ignore_module_conflict, true}]),
    Root = filename:join([os:getenv("GLULAM_ELIXIR_SRC"), "lib/ex_unit/lib"]),
    Files = filelib:wildcard(Root ++ "/**/*.ex"),
    [_ | _] = Files,
    {N, [unicode:characters_to_binary(F) || F <- Files]}.

run({N, Files}) -> lists:sum([once(Files) || _ <- lists:seq(1, N)]).

once(Files) ->
    To = filename:join(os:getenv("TMPDIR", "/tmp"), "glulam_elixir." ++ os:getpid()),
    ok = filelib:ensure_dir(To ++ "/x"),
    {ok, Modules, _} = 'Elixir.Kernel.ParallelCompiler':compile_to_path(Files, unicode:characters_to_binary(To)),
    ok = file:del_dir_r(To),
    length(Modules).
