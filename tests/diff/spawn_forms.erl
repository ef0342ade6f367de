%% Every way to spawn.
-module(spawn_forms).
-export([main/0, work/2]).

main() ->
    logger:set_primary_config(level, none),
    Me = self(),
    spawn(?MODULE, work, [Me, mfa]), wait(),
    spawn(fun() -> work(Me, 'fun') end), wait(),
    spawn(node(), fun() -> work(Me, node) end), wait(),
    spawn(node(), ?MODULE, work, [Me, node_mfa]), wait(),
    process_flag(trap_exit, true),
    P = spawn_link(?MODULE, work, [Me, link]), wait(),
    io:format("~p~n", [receive {'EXIT', P, R} -> R end]),
    {P2, M2} = spawn_monitor(?MODULE, work, [Me, monitor]), wait(),
    io:format("~p~n", [receive {'DOWN', M2, process, P2, R2} -> R2 end]),
    {P3, M3} = spawn_opt(?MODULE, work, [Me, opt], [link, monitor, {priority, low}, {min_heap_size, 1000}, {fullsweep_after, 5}]), wait(),
    io:format("~p~n", [receive {'DOWN', M3, process, P3, R3} -> R3 end]),
    io:format("~p~n", [receive {'EXIT', P3, R4} -> R4 end]),
    Req = spawn_request(?MODULE, work, [Me, request], [{reply_tag, started}]), wait(),
    io:format("~p~n", [receive {started, Req, ok, Pid} when is_pid(Pid) -> ok end]),
    Bad = spawn_request(node(), lists, undefined_function, [], [{reply, error_only}, monitor]),
    io:format("~p~n", [receive {'DOWN', Bad, process, _, {R5, _}} -> R5 end]),
    [io:format("~p~n", [try spawn_opt(fun() -> ok end, O) catch C:E -> {C, E} end]) || O <- [[nonsense], [{priority, x}], bad]],
    [io:format("~p~n", [try spawn(M, F, A) catch C:E -> {C, E} end]) || {M, F, A} <- [{1, f, []}, {m, f, x}]],
    Pids = [spawn(fun() -> receive go -> Me ! {done, N} end end) || N <- lists:seq(1, 5000)],
    [Pi ! go || Pi <- Pids],
    io:format("~p~n", [lists:sum([receive {done, N} -> N end || _ <- Pids])]).

work(To, What) -> To ! {hello, What}.
wait() -> receive {hello, W} -> io:format("~p~n", [W]) after 5000 -> io:format("nothing~n") end.
