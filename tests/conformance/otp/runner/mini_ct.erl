%% mini_ct: minimal runner for common_test style suites. Needs only kernel+stdlib.
%% erl -noshell -noinput -pa DIRS -run mini_ct main Suite DataDir PrivDir FromIndex CaseTimeoutMs [Only,Only..]
%% Protocol on stdout (one line each, always starting in column 0):
%%   @@LIST  idx case              every case, before anything runs
%%   @@START idx case              before init_per_testcase
%%   @@RES   PASS|FAIL|SKIP idx case ms reason
%%   @@NOTE  text
%%   @@END
%% Environment: MINI_OUT=io (default) | display (erlang:display_string, needs no io server)
%%              MINI_VERBOSE=1 (show what a failing case wrote), =2 (every case)
-module(mini_ct).
-export([main/1, run/6, io_loop/1, timeout/0]).

main([Suite, Data, Priv, From, Tmo | Only]) ->
    Names = case Only of [] -> all; [""] -> all; [L|_] -> [list_to_atom(S) || S <- string:tokens(L, ",")] end,
    spawn(fun() ->
              R = (catch run(list_to_atom(Suite), Data, Priv, list_to_integer(From), list_to_integer(Tmo), Names)),
              case R of
                  ok -> ok;
                  _ -> note("runner crashed: " ++ fmt(R))
              end,
              line("@@END"),
              erlang:halt(0)
          end).

timeout() ->
    try persistent_term:get(mini_ct_timeout) catch _:_ -> 30000 end.

restore_cwd() -> case get(cwd) of undefined -> ok; D -> catch file:set_cwd(D) end.

run(Suite, Data, Priv, From, Tmo, Names) ->
    process_flag(trap_exit, true),
    catch register(test_server_ctrl, self()),
    case (catch file:get_cwd()) of {ok, Cwd} -> put(cwd, Cwd); _ -> ok end,
    catch persistent_term:put(mini_ct_timeout, Tmo),
    case code:ensure_loaded(Suite) of
        {module, _} -> ok;
        Err -> note("cannot load suite: " ++ fmt(Err)), throw(ok)
    end,
    Groups = case erlang:function_exported(Suite, groups, 0) of
                 true -> Suite:groups(); false -> [] end,
    All = guarded(fun() -> Suite:all() end, Tmo),
    case All of
        {ok, {Skip, Why}} when Skip =:= skip; Skip =:= skipped ->
            line("@@LIST 1 all"), line("@@START 1 all"), res(skip, 1, all, 0, Why);
        {ok, L} when is_list(L) ->
            {Tree, N} = tree(L, Groups, Names, 1),
            list(Tree),
            put(total, N - 1),
            Config = [{data_dir, slash(Data)}, {priv_dir, slash(Priv)}, {watchdog, self()},
                      {tc_logfile, filename:join(Priv, "tc.log")}, {nodenames, []}],
            with(Suite, init_per_suite, end_per_suite, [], Config, Tree, From, Tmo);
        Bad -> note("all/0: " ++ fmt(Bad))
    end,
    ok.

slash(D) -> case lists:last(D) of $/ -> D; _ -> D ++ "/" end.

%% ---- tree: {'case',Idx,Name} | {group,Name,Props,[Sub],First,Last}
tree([H|T], Gs, Names, I) when is_list(H) -> tree(H ++ T, Gs, Names, I);   % nested lists are allowed
tree([H|T], Gs, Names, I) ->
    {N1, I1} = node1(H, Gs, Names, I),
    {N2, I2} = tree(T, Gs, Names, I1),
    {N1 ++ N2, I2};
tree([], _, _, I) -> {[], I}.

node1({group, G}, Gs, Ns, I) -> group(G, [], Gs, Ns, I);
node1({group, G, _P}, Gs, Ns, I) -> group(G, [], Gs, Ns, I);
node1({group, G, _P, _S}, Gs, Ns, I) -> group(G, [], Gs, Ns, I);
node1({testcase, C, _}, _, Ns, I) -> leaf(C, Ns, I);
node1({testcase, C}, _, Ns, I) -> leaf(C, Ns, I);
node1({G, P, M}, Gs, Ns, I) when is_atom(G), is_list(M) -> group1(G, P, M, Gs, Ns, I);
node1({G, M}, Gs, Ns, I) when is_atom(G), is_list(M) -> group1(G, [], M, Gs, Ns, I);
node1(C, _, Ns, I) when is_atom(C) -> leaf(C, Ns, I);
node1(_, _, _, I) -> {[], I}.

leaf(C, Ns, I) ->
    case Ns =:= all orelse lists:member(C, Ns) of
        true -> {[{'case', I, C}], I + 1};
        false -> {[], I}
    end.

group(G, _, Gs, Ns, I) ->
    case lists:keyfind(G, 1, Gs) of
        {_, P, M} -> group1(G, P, M, Gs, Ns, I);
        {_, M} -> group1(G, [], M, Gs, Ns, I);
        false -> {[], I}
    end.
group1(G, P, M, Gs, Ns, I) ->
    {Sub, I2} = tree(M, Gs, Ns, I),
    case I2 of
        I -> {[], I};
        _ -> {[{group, G, P, Sub, I, I2 - 1}], I2}
    end.

list([{'case', I, C}|T]) -> line(["@@LIST ", integer_to_list(I), " ", name(C)]), list(T);
list([{group,_,_,S,_,_}|T]) -> list(S), list(T);
list([]) -> ok.

%% ---- running
with(Suite, Init, End, Args, Config, Sub, From, Tmo) ->
    Ar = length(Args) + 1,
    case erlang:function_exported(Suite, Init, Ar) of
        false ->
            walk(Suite, Sub, Config, From, Tmo);
        true ->
            R = guarded(fun() -> apply(Suite, Init, Args ++ [Config]) end, 4 * Tmo),
            case R of
                {ok, C2} when is_list(C2) ->
                    walk(Suite, Sub, C2, From, Tmo),
                    case erlang:function_exported(Suite, End, Ar) of
                        true ->
                            case guarded(fun() -> apply(Suite, End, Args ++ [C2]) end, 2 * Tmo) of
                                {ok, _} -> ok;
                                Bad -> note([atom_to_list(End), " ", fmt(Args), ": ", fmt(Bad)])
                            end;
                        false -> ok
                    end;
                {ok, {S, Why}} when S =:= skip; S =:= skipped -> all_res(Sub, skip, Why, From);
                {ok, {skip_and_save, Why, _}} -> all_res(Sub, skip, Why, From);
                {ok, {fail, Why}} -> all_res(Sub, fail, {Init, Why}, From);
                {ok, _} -> walk(Suite, Sub, Config, From, Tmo);       % no new config: go on with the old one
                {exc, throw, {S, Why}, _} when S =:= skip; S =:= skipped -> all_res(Sub, skip, Why, From);
                {exc, exit, {S, Why}, _} when S =:= skip; S =:= skipped -> all_res(Sub, skip, Why, From);
                Other -> all_res(Sub, fail, {Init, Other}, From)
            end
    end.

all_res([{'case', I, C}|T], R, Why, From) when I >= From ->
    line(["@@START ", integer_to_list(I), " ", name(C)]),
    res(R, I, C, 0, Why), all_res(T, R, Why, From);
all_res([{'case', _, _}|T], R, Why, From) -> all_res(T, R, Why, From);
all_res([{group,_,_,S,_,_}|T], R, Why, From) -> all_res(S, R, Why, From), all_res(T, R, Why, From);
all_res([], _, _, _) -> ok.

walk(Suite, [{'case', I, C}|T], Config, From, Tmo) ->
    case I >= From of
        true -> one(Suite, I, C, Config, Tmo);
        false -> ok
    end,
    walk(Suite, T, Config, From, Tmo);
walk(Suite, [{group, G, P, Sub, _F, L}|T], Config, From, Tmo) ->
    case L >= From of
        true ->
            C1 = [{tc_group_properties, [{name, G}|P]} | lists:keydelete(tc_group_properties, 1, Config)],
            with(Suite, init_per_group, end_per_group, [G], C1, Sub, From, Tmo);
        false -> ok
    end,
    walk(Suite, T, Config, From, Tmo);
walk(_, [], _, _, _) -> ok.

one(Suite, I, C, Config, Tmo) ->
    line(["@@START ", integer_to_list(I), " ", name(C)]),
    T0 = erlang:monotonic_time(millisecond),
    Me = self(),
    Body = fun() ->
               case erlang:function_exported(Suite, init_per_testcase, 2) of
                   true ->
                       case Suite:init_per_testcase(C, Config) of
                           L when is_list(L) -> body(Suite, C, L, Me);
                           {S, Why} when S =:= skip; S =:= skipped -> {skip, Why};
                           {fail, Why} -> {fail, {init_per_testcase, Why}};
                           Odd -> {fail, {init_per_testcase_returned, Odd}}
                       end;
                   false -> body(Suite, C, Config, Me)
               end
           end,
    R = guarded(Body, Tmo),
    {Verdict, Reason} =
        case R of
            {ok, {skip, Why}} -> {skip, Why};
            {ok, {skipped, Why}} -> {skip, Why};
            {ok, {skip_and_save, Why, _}} -> {skip, Why};
            {ok, {fail, Why}} -> {fail, Why};
            {ok, {failed, Why}} -> {fail, Why};
            {ok, _} -> {pass, ""};
            {exc, throw, {S, Why}, _} when S =:= skip; S =:= skipped -> {skip, Why};
            {exc, exit, {S, Why}, _} when S =:= skip; S =:= skipped -> {skip, Why};
            Bad -> {fail, Bad}
        end,
    Died = case R of {ok, _} -> false; {exc,_,_,_} -> false; _ -> true end,
    %% a case process that was killed could not run its own end_per_testcase
    case Died andalso erlang:function_exported(Suite, end_per_testcase, 2) of
        true ->
            C2 = receive {tc_config, Cf} -> Cf after 0 -> Config end,
            guarded(fun() -> Suite:end_per_testcase(C, [{tc_status, {failed, Reason}}|C2]) end, min(Tmo, 10000));
        false -> ok
    end,
    flush(),
    restore_cwd(),
    T1 = erlang:monotonic_time(millisecond),
    res(Verdict, I, C, T1 - T0, Reason),
    %% a hung case may have wedged a server every later case needs: let the command that started us start a fresh emulator
    case R of
        {timeout, _, _} -> line("@@ABORT"), receive after 100 -> ok end, erlang:halt(0);
        _ -> ok
    end.

body(Suite, C, Config, Me) ->
    Me ! {tc_config, Config},
    R = try {val, Suite:C(Config)}
        catch K:E:St -> {exc, K, E, St} end,
    Status = case R of
                 {val, {Sk, W}} when Sk =:= skip; Sk =:= skipped -> {skipped, W};
                 {val, _} -> ok;
                 {exc, _, E1, _} -> {failed, E1}
             end,
    %% end_per_testcase may unlink what it tells to exit
    {links, Linked} = process_info(self(), links),
    put(mini_ct_linked, Linked),
    E2 = case erlang:function_exported(Suite, end_per_testcase, 2) of
             true ->
                 try Suite:end_per_testcase(C, [{tc_status, Status}|Config])
                 catch K2:X2:S2 -> {end_crash, {K2, X2, S2}} end;
             false -> ok
         end,
    case {R, E2} of
        {{exc, K3, E3, S3}, _} -> erlang:raise(K3, E3, S3);
        {{val, _}, {fail, Why}} -> {fail, {end_per_testcase, Why}};
        {{val, V}, _} -> V
    end.

flush() -> receive _ -> flush() after 0 -> ok end.

%% Runs F in its own process under its own group leader. The process ends with an abnormal exit, so
%% whatever is linked to it dies with it. What takes its time over that, as a supervisor with children
%% does, is waited for: the next case may start another one under the same name.
guarded(F, Tmo) ->
    Gl = spawn(?MODULE, io_loop, [{none, []}]),
    Ref = make_ref(),
    Me = self(),
    %% linked, not monitored: some suites look at monitored_by of the case process
    Pid = spawn_link(
                   fun() ->
                       group_leader(Gl, self()),
                       R = try {ok, F()}
                           catch throw:{Sk, W} when Sk =:= skip; Sk =:= skipped -> {ok, {skip, W}};
                                 K:E:St -> {exc, K, E, St}
                           end,
                       {links, Links} = process_info(self(), links),
                       Before = case get(mini_ct_linked) of undefined -> []; Pids -> Pids end,
                       Me ! {Ref, R, lists:usort(Links ++ Before) -- [Me]},
                       exit({mini_ct_done, Ref})
                   end),
    Res = receive
              {Ref, R0, Links} ->
                  receive {'EXIT', Pid, _} -> ok after 2000 -> ok end,
                  wait_for(Links, 2000),
                  R0;
              {'EXIT', Pid, Why} ->
                  receive {Ref, R1, _} -> R1 after 0 -> {died, Why} end
          after Tmo ->
              Where = (catch process_info(Pid, [current_stacktrace])),
              exit(Pid, kill),
              receive {'EXIT', Pid, _} -> ok after 2000 -> ok end,
              {timeout, Tmo, Where}
          end,
    case os:getenv("MINI_VERBOSE") of
        false -> ok;
        Lvl ->
            Bad = case Res of {ok, _} -> false; _ -> true end,
            if Bad; Lvl =:= "2" ->
                   Gl ! {dump, self()},
                   receive {dumped, Txt} -> note(["output: ", Txt]) after 1000 -> ok end;
               true -> ok
            end
    end,
    %% left alive for a while on purpose: processes started by the case may still write to it
    Gl ! retire,
    Res.

%% The next case may want the names of what dies with this one.
wait_for([Pid|Pids], Tmo) when is_pid(Pid) ->
    Mon = monitor(process, Pid),
    T0 = erlang:monotonic_time(millisecond),
    receive {'DOWN', Mon, process, Pid, _} -> ok after Tmo -> demonitor(Mon, [flush]) end,
    wait_for(Pids, max(0, Tmo - (erlang:monotonic_time(millisecond) - T0)));
wait_for([_|Pids], Tmo) -> wait_for(Pids, Tmo);
wait_for([], _) -> ok.

%% ---- group leader: swallows output, can hand it to a capturing process
io_loop({Cap, Acc}) ->
    receive
        {io_request, From, Ref, Req} ->
            {Rep, Txt} = io_req(Req),
            From ! {io_reply, Ref, Rep},
            if Txt =/= [], is_pid(Cap) -> Cap ! {captured, Txt}; true -> ok end,
            io_loop({Cap, lists:sublist([Txt|Acc], 2000)});
        {capture, P} -> io_loop({P, Acc});
        {dump, P} -> P ! {dumped, lists:append(lists:reverse([T || T <- Acc, is_list(T)]))}, io_loop({Cap, Acc});
        retire -> erlang:send_after(60000, self(), die), io_loop({Cap, Acc});
        die -> ok;
        _ -> io_loop({Cap, Acc})
    end.

io_req({put_chars, Enc, M, F, A}) ->
    try io_req({put_chars, Enc, apply(M, F, A)}) catch _:_ -> {{error, put_chars}, []} end;
io_req({put_chars, Enc, Chars}) ->
    try
        case unicode:characters_to_list(Chars, Enc) of
            L when is_list(L) -> {ok, L};
            {_, L, _} -> {ok, L}                  % be lenient: the text is only kept for a look at it
        end
    catch _:_ -> {{error, put_chars}, []} end;
io_req({put_chars, Chars}) -> io_req({put_chars, latin1, Chars});
io_req({put_chars, M, F, A}) -> io_req({put_chars, latin1, M, F, A});
io_req({requests, L}) -> reqs(L, ok, []);
io_req(getopts) -> {[{binary, false}, {encoding, unicode}], []};
io_req({setopts, _}) -> {ok, []};
io_req({get_geometry, _}) -> {{error, enotsup}, []};
io_req({get_chars, _, _, _}) -> {eof, []};
io_req({get_line, _, _}) -> {eof, []};
io_req({get_until, _, _, M, F, A}) ->
    try case apply(M, F, [[], eof | A]) of
            {done, R, _} -> {R, []};
            _ -> {eof, []}
        end
    catch _:_ -> {eof, []} end;
io_req({get_chars, _, _}) -> {eof, []};
io_req({get_line, _}) -> {eof, []};
io_req({get_until, _, M, F, A}) -> io_req({get_until, latin1, x, M, F, A});
io_req(_) -> {{error, request}, []}.

reqs([R|T], ok, Acc) -> {Rep, Txt} = io_req(R), reqs(T, case Rep of {error,_} -> Rep; _ -> ok end, Acc ++ Txt);
reqs(_, Rep, Acc) -> {Rep, Acc}.

%% ---- output
res(V, I, C, Ms, Reason) ->
    W = case V of pass -> "PASS"; fail -> "FAIL"; skip -> "SKIP" end,
    Txt = case Reason of "" -> ""; _ -> lists:sublist(clean(fmt(Reason)), 400) end,
    line(["@@RES ", W, " ", integer_to_list(I), " ", name(C), " ", integer_to_list(Ms), " ", Txt]).

note(T) -> line(["@@NOTE ", lists:sublist(clean(lists:flatten(T)), 100000)]).

fmt(T0) ->
    T = case is_list(T0) of
            true -> try lists:flatten(T0) catch _:_ -> T0 end;
            false -> T0
        end,
    case io_lib:printable_list(T) of
        true -> T;
        false -> try lists:flatten(io_lib:format("~0tp", [T])) catch _:_ -> "?" end
    end.
clean(L) -> [if C =:= $\n -> $\s; C =:= $\t -> $\s; is_integer(C), C < 32 -> $.; is_integer(C), C > 126 -> $?; true -> C end || C <- L].

name(C) -> atom_to_list(C).

line(L0) ->
    L = lists:flatten(L0),
    case os:getenv("MINI_OUT") of
        "display" -> erlang:display_string(L ++ "\n");
        _ -> io:put_chars(user, ["\n", L, "\n"])
    end.
