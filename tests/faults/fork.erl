-module(fork).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    Tries = [{spawn_executable, "none"}, {spawn_executable, "plain"}, {spawn_executable, "dir"}, {spawn_executable, "bad_script"},
        {spawn_executable, ""}, {spawn_executable, lists:duplicate(5000, $a)}, {spawn, "none"}, {spawn, "./plain"},
        {spawn, lists:duplicate(5000, $a)}, {spawn, ""}],
    [io:format("~P ~p~n", [T, 8, ended(T, [exit_status])]) || T <- Tries],
    io:format("cd ~p~n", [ended({spawn, "true"}, [exit_status, {cd, "no_such_dir"}])]),
    io:format("args ~p~n", [ended({spawn_executable, "/bin/true"}, [exit_status, {args, [lists:duplicate(200000, $x)]}])]),
    io:format("many args ~p~n", [ended({spawn_executable, "/bin/true"}, [exit_status, {args, lists:duplicate(300000, "xxxxxxxx")}])]),
    io:format("env ~p~n", [ended({spawn_executable, "/bin/true"}, [exit_status, {env, [{"X", lists:duplicate(200000, $x)}]}])]),
    io:format("~p~n", [os:cmd("echo still here")]).

ended(What, Options) ->
    try open_port(What, Options) of
        Port -> receive {Port, {exit_status, S}} -> S; {'EXIT', Port, R} -> {exit, R} after 5000 -> nothing end
    catch
        C:R -> {C, R}
    end.
