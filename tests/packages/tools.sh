# dialyzer on a small module, edoc, an escript with an archive
# needs dialyzer
cat > small.erl <<'E'
%% @doc A small module.
-module(small).
-export([f/1, g/0, main/1]).
%% @doc Adds one.
-spec f(integer()) -> atom().
f(X) -> X + 1.
g() -> f(foo).
main(Args) -> io:format("~p ~p~n", [Args, escript:script_name()]), halt(length(Args)).
E
erlc +debug_info small.erl
dialyzer --build_plt --output_plt plt --apps erts >/dev/null; echo "plt $?"
dialyzer --plt plt small.beam | sed 's/done in .*/done/'; echo "dialyzer ${PIPESTATUS[0]}"
erl -noshell -eval 'edoc:files(["small.erl"], [{dir, "doc"}]), halt().'
md5sum < doc/small.html
erl -noshell -eval '{ok, Beam} = file:read_file("small.beam"),
    ok = escript:create("small", [shebang, {comment, "x"}, {emu_args, "-escript main small"}, {archive, [{"small.beam", Beam}], []}]), halt().'
chmod +x small
./small a b; echo "archive $?"
