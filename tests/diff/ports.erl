%% Programs as ports: output, lines, packets, exit status, os:cmd, closing.
-module(ports).
-export([main/0]).

main() ->
    io:format("~p~n", [collect(open_port({spawn, "echo hello world"}, [exit_status, binary]))]),
    io:format("~p~n", [collect(open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", "printf 'a\\nbb\\nccc'; exit 3"]}, {line, 2}, exit_status]))]),
    io:format("~p~n", [collect(open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", "echo $VAR; pwd | sed 's,.*/,,'"]}, {env, [{"VAR", "value"}]}, {cd, "/tmp"}, exit_status, binary]))]),
    P = open_port({spawn, "cat"}, [{packet, 2}, binary]),
    io:format("~p~n", [[begin P ! {self(), {command, M}}, receive {P, {data, D}} -> D end end || M <- [<<"one">>, "two", [$t, <<"hree">>]]]]),
    io:format("~p~n", [port_command(P, "four")]),
    io:format("~p~n", [receive {P, {data, D4}} -> D4 end]),
    io:format("~p~n", [[element(2, erlang:port_info(P, I)) =:= V || {I, V} <- [{name, "cat"}, {connected, self()}]]]),
    P ! {self(), close},
    io:format("~p~n", [receive {P, closed} -> closed end]),
    io:format("~p~n", [erlang:port_info(P)]),
    io:format("~p~n", [[os:cmd("printf abc"), os:cmd("exit 1"), os:cmd("echo err >&2")]]),
    io:format("~p~n", [try open_port({spawn_executable, "/no/such/program"}, []) catch C:R -> {C, R} end]),
    process_flag(trap_exit, true),
    Q = open_port({spawn, "cat"}, []),
    link(Q),
    io:format("~p~n", [port_close(Q)]),
    io:format("~p~n", [receive {'EXIT', Q, R2} -> R2 after 1000 -> none end]),
    io:format("~p~n", [try port_command(Q, "x") catch C2:R3 -> {C2, R3} end]).

collect(P) -> receive {P, {exit_status, S}} -> [{status, S}]; {P, {data, D}} -> [D | collect(P)] after 5000 -> [silence] end.
