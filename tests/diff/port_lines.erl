%% Input in lines: newlines with and without a carriage return before them, parts, reads that cut between the
%% two; and programs have no terminal to ask on.
-module(port_lines).
-export([main/0]).

main() ->
    Texts = ["a\\r\\nb\\rc\\n\\rd\\r", "\\r\\n\\r\\r\\nx\\n", "abc\\r\\ndef\\r\\r\\n", "abcd\\r\\nab\\r\\n", "abcde\\r", "abc\\r", "abc"],
    [show(Text, Limit, "printf '" ++ Text ++ "'") || Text <- Texts, Limit <- [1, 3, 4, 5, 80]],
    Slow = ["printf 'ab\\r'; sleep 0.2; printf '\\ncd'",
            "printf 'abc'; sleep 0.2; printf '\\r'; sleep 0.2; printf '\\n\\r'; sleep 0.2; printf x; sleep 0.2; printf '\\ny'"],
    [show(Number, Limit, "sh -c \"" ++ lists:nth(Number, Slow) ++ "\"") || Number <- [1, 2], Limit <- [2, 3, 80]],
    io:format("~s", [os:cmd("if : </dev/tty; then echo terminal; fi 2>&1 | grep -c terminal")]).

show(Name, Limit, Command) ->
    Port = open_port({spawn, Command}, [{line, Limit}, exit_status]),
    io:format("~s ~b: ~p~n", [Name, Limit, lines(Port)]).

lines(Port) ->
    receive
        {Port, {data, Line}} -> [Line | lines(Port)];
        {Port, {exit_status, Status}} -> [Status | receive {Port, {data, Line}} -> [Line] after 30 -> [] end]
    end.
