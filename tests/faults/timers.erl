-module(timers).
-export([main/0]).

main() ->
    N = 1000000,
    Start = erlang:monotonic_time(millisecond),
    Ts = [{I, erlang:start_timer(I rem 3000 + 3000, self(), I)} || I <- lists:seq(1, N)],
    Cancelled = length([1 || {I, T} <- Ts, I rem 2 =:= 0, is_integer(erlang:cancel_timer(T))]),
    Fired = collect(N - Cancelled, Start, 0),
    io:format("~p: fired too early ~p~n", [N =:= Cancelled + (N - Cancelled), Fired]),
    receive X -> io:format("one too many: ~p~n", [X]) after 100 -> io:format("none too many~n") end.

collect(0, _, Early) -> Early;
collect(N, Start, Early) ->
    receive
        {timeout, _, I} ->
            Now = erlang:monotonic_time(millisecond),
            collect(N - 1, Start, if Now < Start + I rem 3000 + 3000 -> Early + 1; true -> Early end)
    after 30000 -> {lost, N}
    end.
