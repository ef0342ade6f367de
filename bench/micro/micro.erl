%% What bench/micro/running.rs times inside a running emulator. `micro_host` is native and lives there: next/0 waits
%% for a job {Name, Times}, done/1 says how many nanoseconds it took.
-module(micro).
-export([start/0]).

start() ->
    spawn(fun serve/0).

serve() ->
    {Name, Times} = micro_host:next(),
    Self = self(),
    %% a process of its own, with a heap of its own
    {Pid, Monitor} = spawn_monitor(fun() -> Self ! {done, self(), job(Name, Times)} end),
    receive
        {done, Pid, Nanoseconds} ->
            demonitor(Monitor, [flush]),
            micro_host:done(Nanoseconds);
        {'DOWN', Monitor, process, Pid, Reason} ->
            io:format(standard_error, "~p: ~p~n", [Name, Reason]),
            halt(1)
    end,
    serve().

%% Prepares, and times the rest.
job(calls, N) -> timed(fun() -> count(N) end);
job(list_build, N) -> timed(fun() -> repeat(N, fun() -> build(100, []) end) end);
job(float_loop, N) -> timed(fun() -> float(N, 1.0) end);
job(select_value, N) -> timed(fun() -> select(N, 0) end);
job(fun_call, N) ->
    F = fun(X) -> X + N end,
    timed(fun() -> funs(N, F, 0) end);
job(exception, N) -> timed(fun() -> repeat(N, fun() -> try throw(x) catch throw:x -> ok end end) end);
job(self_message, N) -> timed(fun() -> repeat(N, fun() -> self() ! x, receive x -> ok end end) end);
job(round_trip, N) ->
    Echo = spawn_link(fun echo/0),
    timed(fun() -> round_trips(N, Echo, x) end);
job(round_trip_list, N) ->
    Echo = spawn_link(fun echo/0),
    timed(fun() -> round_trips(N, Echo, lists:seq(1, 100)) end);
job(selective_receive, N) ->
    [self() ! {noise, I} || I <- lists:seq(1, 1000)],
    timed(fun() -> repeat(N, fun() -> self() ! y, receive y -> ok end end) end);
job(reference_receive, N) ->
    [self() ! {noise, I} || I <- lists:seq(1, 1000)],
    timed(fun() -> repeat(N, fun() -> R = make_ref(), self() ! R, receive R -> ok end end) end);
job(spawn_exit, N) ->
    timed(fun() -> repeat(N, fun() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, P, _} -> ok end end) end);
job(spawn_many, N) ->
    Self = self(),
    timed(fun() ->
        [spawn(fun() -> Self ! ok end) || _ <- lists:seq(1, N)],
        repeat(N, fun() -> receive ok -> ok end end)
    end);
job(hand_over, N) ->
    Ring = lists:foldl(fun(_, To) -> spawn_link(fun() -> relay(To) end) end, self(), lists:seq(1, 10)),
    timed(fun() -> repeat(N, fun() -> Ring ! x, receive x -> ok end end) end);
job(timer_cancel, N) ->
    timed(fun() -> repeat(N, fun() -> erlang:cancel_timer(erlang:start_timer(100000, self(), x)) end) end);
job(timer_many, N) ->
    timed(fun() -> [erlang:cancel_timer(T) || T <- [erlang:start_timer(100000 + I, self(), x) || I <- lists:seq(1, N)]] end);
job(receive_after_0, N) -> timed(fun() -> repeat(N, fun() -> receive never -> ok after 0 -> ok end end) end);
job(ets_lookup, N) ->
    T = table(set),
    timed(fun() -> keys(N, fun(K) -> ets:lookup(T, K) end) end);
job(ets_insert, N) ->
    T = table(set),
    timed(fun() -> keys(N, fun(K) -> ets:insert(T, {K, a, b}) end) end);
job(ets_counter, N) ->
    T = table(set),
    timed(fun() -> keys(N, fun(K) -> ets:update_counter(T, K, {2, 1}) end) end);
job(ets_ordered_lookup, N) ->
    T = table(ordered_set),
    timed(fun() -> keys(N, fun(K) -> ets:lookup(T, K) end) end);
job(ets_ordered_next, N) ->
    T = table(ordered_set),
    timed(fun() -> keys(N, fun(K) -> ets:next(T, K) end) end);
job(ets_select, N) ->
    T = table(set),
    timed(fun() -> repeat(N, fun() -> ets:select_count(T, [{{'$1', '$2', '_'}, [{'<', '$1', 500}], [true]}]) end) end);
job(binary_match, N) ->
    B = binary:copy(<<"abcdefgh">>, 12),
    timed(fun() -> repeat(N, fun() -> bytes(B, 0) end) end);
job(binary_append, N) -> timed(fun() -> append(N, <<>>) end);
job(binary_build, N) -> timed(fun() -> repeat(N, fun() -> <<N:32, 7:16/little, 1.5:64/float, "text">> end) end);
job(binary_split, N) ->
    B = binary:copy(<<"word ">>, 40),
    timed(fun() -> repeat(N, fun() -> binary:split(B, <<" ">>, [global]) end) end);
job(external_there_and_back, N) ->
    Term = [{item, I, I * 1.5, <<"text">>, #{id => I}} || I <- lists:seq(1, 20)],
    timed(fun() -> repeat(N, fun() -> binary_to_term(term_to_binary(Term)) end) end);
job(collect_live, N) ->
    Live = [{I, [I]} || I <- lists:seq(1, 20000)],
    Time = timed(fun() -> repeat(N, fun() -> erlang:garbage_collect() end) end),
    {20000, _} = lists:last(Live),
    Time.

timed(F) ->
    Start = erlang:monotonic_time(nanosecond),
    F(),
    erlang:monotonic_time(nanosecond) - Start.

repeat(0, _) -> ok;
repeat(N, F) -> F(), repeat(N - 1, F).

keys(N, F) -> keys(N, F, 1).

keys(0, _, _) -> ok;
keys(N, F, K) -> F(K), keys(N - 1, F, K * 7 rem 1009).

count(0) -> ok;
count(N) -> count(N - 1).

build(0, L) -> L;
build(N, L) -> build(N - 1, [N | L]).

float(0, X) -> X;
float(N, X) -> float(N - 1, X * 0.999 + 1.5).

select(0, Sum) -> Sum;
select(N, Sum) ->
    Next = case N band 7 of 0 -> 3; 1 -> 5; 2 -> 8; 3 -> 1; 4 -> 2; 5 -> 9; 6 -> 4; 7 -> 6 end,
    select(N - 1, Sum bxor Next).

funs(0, _, X) -> X;
funs(N, F, X) -> F(X), funs(N - 1, F, N).

echo() -> receive {From, M} -> From ! {back, M}, echo() end.

round_trips(0, _, _) -> ok;
round_trips(N, Echo, M) -> Echo ! {self(), M}, receive {back, _} -> round_trips(N - 1, Echo, M) end.

relay(To) -> receive M -> To ! M, relay(To) end.

table(Type) ->
    T = ets:new(table, [Type, public]),
    ets:insert(T, [{K, K, x} || K <- lists:seq(0, 1008)]),
    T.

bytes(<<C, Rest/binary>>, Sum) -> bytes(Rest, Sum + C);
bytes(<<>>, Sum) -> Sum.

append(0, B) -> B;
append(N, B) when byte_size(B) > 10000 -> append(N, <<>>);
append(N, B) -> append(N - 1, <<B/binary, N:16>>).
