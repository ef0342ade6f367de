%% A process waits its turn behind processes that only compute: N times it is asked for an answer.
-module(fairness).
-export([run/1, delays/2]).

%% One that computes for each scheduler.
run(N) ->
    {Answers, _} = measured(N, erlang:system_info(schedulers_online)),
    Answers.

%% Prints how long an answer took while so many computed, in microseconds.
delays(N, Computing) ->
    {_, Delays} = measured(N, Computing),
    Sorted = lists:sort(Delays),
    At = fun(Share) -> lists:nth(max(1, ceil(Share * N)), Sorted) / 1000 end,
    io:format("p50 ~.1f, p99 ~.1f, p99.9 ~.1f, largest ~.1f microseconds~n",
              [At(0.5), At(0.99), At(0.999), lists:last(Sorted) / 1000]).

measured(N, Computing) ->
    Hogs = [spawn_link(fun() -> compute(0) end) || _ <- lists:seq(1, Computing)],
    Server = spawn_link(fun serve/0),
    Delays = [ask(Server) || _ <- lists:seq(1, N)],
    [begin unlink(P), exit(P, kill) end || P <- [Server | Hogs]],
    {length(Delays), Delays}.

ask(Server) ->
    Begun = erlang:monotonic_time(nanosecond),
    Server ! {self(), Begun},
    receive {answer, Begun} -> erlang:monotonic_time(nanosecond) - Begun end.

serve() ->
    receive {From, What} -> From ! {answer, What} end,
    serve().

compute(N) -> compute(N + 1).
