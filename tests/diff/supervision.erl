%% Supervisors: strategies, restart kinds, intensity, order of starting and stopping.
-module(supervision).
-behaviour(supervisor).
-export([main/0, init/1, start_child/2, worker/3]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    [strategy(S) || S <- [one_for_one, one_for_all, rest_for_one]],
    restarts(),
    intensity(),
    simple().

strategy(S) ->
    io:format("== ~p~n", [S]),
    {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => S, intensity => 5}, [child(N, permanent) || N <- [a, b, c]]}),
    Before = pids(Sup),
    b ! crash,
    timer:sleep(100),
    After = pids(Sup),
    io:format("~p~n", [[{N, maps:get(N, Before) =:= maps:get(N, After)} || N <- [a, b, c]]]),
    io:format("~p~n", [lists:sort(supervisor:count_children(Sup))]),
    stop(Sup).

restarts() ->
    io:format("== restarts~n"),
    {ok, Sup} = supervisor:start_link(?MODULE, {#{}, [child(p, permanent), child(t, transient), child(o, temporary)]}),
    [N ! leave || N <- [t, o]],
    timer:sleep(100),
    io:format("~p~n", [[{Id, is_pid(P)} || {Id, P, _, _} <- lists:sort(supervisor:which_children(Sup))]]),
    io:format("~p~n", [element(1, supervisor:restart_child(Sup, t))]),
    io:format("~p~n", [[supervisor:restart_child(Sup, p), supervisor:restart_child(Sup, zz), supervisor:terminate_child(Sup, p), supervisor:delete_child(Sup, p), supervisor:delete_child(Sup, p)]]),
    io:format("~p~n", [element(1, supervisor:start_child(Sup, child(n, permanent)))]),
    io:format("~p~n", [element(1, element(2, supervisor:start_child(Sup, child(n, permanent))))]),
    io:format("~p~n", [supervisor:get_childspec(Sup, n)]),
    stop(Sup).

intensity() ->
    io:format("== intensity~n"),
    {ok, Sup} = supervisor:start_link(?MODULE, {#{intensity => 1, period => 60}, [child(i, permanent)]}),
    i ! crash,
    timer:sleep(50),
    i ! crash,
    io:format("~p~n", [receive {'EXIT', Sup, R} -> R after 2000 -> alive end]).

simple() ->
    io:format("== simple~n"),
    Spec = #{id => s, start => {?MODULE, start_child, []}, restart => temporary, shutdown => brutal_kill},
    {ok, Sup} = supervisor:start_link(?MODULE, {#{strategy => simple_one_for_one}, [Spec]}),
    [{ok, _} = supervisor:start_child(Sup, [N, x]) || N <- [s1, s2, s3]],
    io:format("~p~n", [proplists:get_value(active, supervisor:count_children(Sup))]),
    io:format("~p~n", [supervisor:terminate_child(Sup, whereis(s2))]),
    io:format("~p~n", [[is_pid(whereis(N)) || N <- [s1, s2, s3]]]),
    stop(Sup),
    io:format("~p~n", [supervisor:start_link(?MODULE, nonsense)]).

stop(Sup) -> exit(Sup, shutdown), io:format("~p~n", [receive {'EXIT', Sup, R} -> R end]).
pids(Sup) -> maps:from_list([{Id, P} || {Id, P, _, _} <- supervisor:which_children(Sup)]).
child(N, R) -> #{id => N, start => {?MODULE, start_child, [N, report]}, restart => R, shutdown => 1000}.
init({Flags, Specs}) -> {ok, {Flags, Specs}};
init(_) -> ignore.
start_child(N, Mode) -> proc_lib:start_link(?MODULE, worker, [self(), N, Mode]).
worker(Sup, N, Mode) ->
    process_flag(trap_exit, true),
    register(N, self()),
    Mode =:= report andalso io:format("start ~p~n", [N]),
    proc_lib:init_ack(Sup, {ok, self()}),
    receive
        crash -> exit(crashed);
        leave -> ok;
        {'EXIT', Sup, R} -> Mode =:= report andalso io:format("stop ~p ~p~n", [N, R]), exit(R)
    end.
