%% What the natives of timers, of external terms and of displays say about arguments that are wrong.
-module(error_causes).
-export([main/0]).

main() ->
    [told(erlang, F, [Time, To, m | Options]) || F <- [send_after, start_timer], {Time, To, Options} <- timers()],
    [told(erlang, binary_to_term, [Bin, Options]) ||
        Bin <- [<<"bad">>, <<131, 97, 1>>, foo], Options <- [abc, [abc], [safe | x], [safe]]],
    [told(erlang, process_display, [Who, Kind]) || Who <- [a, ended()], Kind <- [backtrace, other]],
    ok.

timers() ->
    Big = 1 bsl 70,
    [{a, self(), []}, {a, {b}, []}, {-1, {b}, []}, {Big, {b}, []}, {-Big, self(), [[{abs, true}]]},
     {1 bsl 50, self(), []}, {1 bsl 44, self(), [[]]}, {1 bsl 44, self(), [[{abs, true}]]}, {1.0, self(), [[]]},
     {20, {b}, []}, {20, {b}, [[]]}, {20, self(), [[{abs, foo}]]}, {a, {b}, [[bad]]}, {20, self(), [bad]}].

ended() ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, process, Pid, _} -> Pid end.

told(Module, Function, Args) ->
    Shown = [A || A <- Args, not is_pid(A)],
    try apply(Module, Function, Args) of
        Value -> io:format("~w ~w: ~w~n", [Function, Shown, Value])
    catch
        Class:Reason:Stack ->
            [{M, F, As, Info} | _] = Stack,
            {error_info, About} = lists:keyfind(error_info, 1, Info),
            io:format("~w ~w: ~w ~w ~w ~w~n", [Function, Shown, Class, Reason, {M, F, length(As)}, maps:to_list(About)])
    end.
