%% A library of natives, built here from C: terms both ways, errors, what can't be loaded.
-module(native_library).
-export([main/0, pair/2, sum/1, twice/1, fail/1]).

pair(_, _) -> erlang:nif_error(not_loaded).
sum(_) -> erlang:nif_error(not_loaded).
twice(_) -> erlang:nif_error(not_loaded).
fail(_) -> erlang:nif_error(not_loaded).

source() ->
    "#include <erl_nif.h>\n#include <string.h>\n"
    "#define NIF(n) static ERL_NIF_TERM n(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])\n"
    "NIF(pair) { return enif_make_tuple(env, 2, argv[1], argv[0]); }\n"
    "NIF(sum) { ERL_NIF_TERM h, t = argv[0]; ErlNifSInt64 n, all = 0;\n"
    "  while (enif_get_list_cell(env, t, &h, &t)) { if (!enif_get_int64(env, h, &n)) return enif_make_badarg(env); all += n; }\n"
    "  return enif_make_int64(env, all); }\n"
    "NIF(twice) { ErlNifBinary in, out; if (!enif_inspect_iolist_as_binary(env, argv[0], &in)) return enif_make_badarg(env);\n"
    "  enif_alloc_binary(in.size * 2, &out); memcpy(out.data, in.data, in.size); memcpy(out.data + in.size, in.data, in.size);\n"
    "  return enif_make_binary(env, &out); }\n"
    "NIF(fail) { char text[64]; enif_snprintf(text, sizeof text, \"%d:%T\", 7, argv[0]);\n"
    "  return enif_raise_exception(env, enif_make_string(env, text, ERL_NIF_LATIN1)); }\n"
    "static ErlNifFunc funcs[] = {{\"pair\", 2, pair}, {\"sum\", 1, sum}, {\"twice\", 1, twice}, {\"fail\", 1, fail, ERL_NIF_DIRTY_JOB_CPU_BOUND}};\n"
    "ERL_NIF_INIT(native_library, funcs, NULL, NULL, NULL, NULL)\n".

main() ->
    case os:find_executable("cc") of
        false -> io:format("skipped: no C compiler~n");
        _ -> run("/tmp/native_library." ++ os:getpid())
    end.

run(Base) ->
    ok = file:write_file(Base ++ ".c", source()),
    Include = filename:join(code:root_dir(), "usr/include"),
    io:put_chars(os:cmd("cc -shared -fPIC -I" ++ Include ++ " -o " ++ Base ++ ".so " ++ Base ++ ".c")),
    {error, {Why, _}} = erlang:load_nif("/no/such", 0),
    io:format("~p ~p~n", [Why, catch_(fun() -> sum([1]) end)]),
    io:format("~p~n", [erlang:load_nif(Base, 0)]),
    [file:delete(Base ++ End) || End <- [".c", ".so"]],
    io:format("~p~n", [erlang:load_nif(Base, 0)]),
    io:format("~p~n", [{pair(a, [b]), sum([1, 1 bsl 61, -7]), twice([<<"ab">>, $c])}]),
    io:format("~p~n", [byte_size(twice(binary:copy(<<"x">>, 100000)))]),
    io:format("~p~n", [catch_(fun() -> sum([x]) end)]),
    io:format("~p~n", [catch_(fun() -> fail({a, "b"}) end)]).

catch_(F) -> try F() catch C:R -> {C, R} end.
