%% N timers set and cancelled, as around calls with a time limit, and N div 4 that fire.
-module(timers).
-export([run/1]).

run(N) ->
    Cancelled = cancel(N, 0),
    Short = N div 4,
    [erlang:send_after(1 + I rem 50, self(), {fired, I}) || I <- lists:seq(1, Short)],
    Cancelled + fired(Short, 0).

cancel(0, Sum) -> Sum;
cancel(N, Sum) ->
    Timer = erlang:start_timer(60000 + N rem 1000, self(), late),
    self() ! N,
    receive M -> ok end,
    Left = erlang:cancel_timer(Timer),
    cancel(N - 1, Sum + if is_integer(Left), M =:= N -> 1; true -> 0 end).

fired(0, Sum) -> Sum;
fired(Left, Sum) -> receive {fired, I} -> fired(Left - 1, Sum + I) end.
