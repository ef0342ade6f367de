%% re: run with captures, split, replace, options, compile errors.
-module(regex).
-export([main/0]).

main() ->
    S = "The year 1999, not 2001; caf\x{e9}",
    io:format("~p~n", [re:run(S, "(\\d+)\\D+(\\d+)")]),
    io:format("~p~n", [re:run(S, "(\\d+)", [global, {capture, all, list}])]),
    io:format("~p~n", [re:run(S, "(?<y>\\d{4})", [{capture, [y], binary}])]),
    io:format("~p~n", [[re:run("abc", P, O) || {P, O} <- [{"B", []}, {"B", [caseless]}, {"^c", []}, {"c$", []}, {"", []}, {"(x)?b", [{capture, all, list}]}]]]),
    io:format("~p~n", [re:split("a1b22c", "\\d+", [{return, list}])]),
    io:format("~p~n", [re:split("a1b22c", "(\\d)", [{return, list}, {parts, 2}])]),
    io:format("~p~n", [re:split("abc", "", [trim])]),
    io:format("~p~n", [re:replace("hello world", "(\\w+) (\\w+)", "\\2 & \\1", [{return, list}])]),
    io:format("~p~n", [iolist_to_binary(re:replace("aaa", "a", "b", [global]))]),
    io:format("~ts~n", [re:replace("åäö", "ä", "x", [unicode, {return, list}])]),
    io:format("~p~n", [re:run("línea", "^\\w+$", [unicode, ucp, {capture, all, list}])]),
    io:format("~p~n", [re:compile("a(b")]),
    io:format("~p~n", [try re:run("a", "[z") catch C:R -> {C, R} end]),
    {ok, P2} = re:compile("^(.*?)=(.*)$", [multiline, dotall]),
    io:format("~p~n", [re:run("k1=v1\nk2=v2", P2, [{capture, all_but_first, binary}, global])]),
    io:format("~p~n", [re:run("aXbXc", "X", [{offset, 2}])]),
    io:format("~p~n", [re:run("foobar", "(?<=foo)bar(?!x)")]),
    io:format("~p~n", [re:run("abab", "(ab)\\1", [anchored])]),
    io:format("~p~n", [re:run("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$", [report_errors, {match_limit, 1000}])]),
    io:format("~p~n", [re:inspect(P2, namelist)]).
