%% A ring of processes under a supervisor. Each process is linked to the next; a token runs laps around
%% them. Then one of them is told to crash: the links take the whole ring down, the supervisor starts a
%% new one, and the token runs again.
%%
%%   glulam run examples/ring.erl [SIZE [LAPS]]
%%
%% The same file, compiled, runs on any Erlang: erlc ring.erl && erl -noshell -s ring -s init stop
-module(ring).
-behaviour(supervisor).
-export([main/0, main/1, start/0, init/1, start_ring/2]).

start() -> main([]).
main() -> main([]).

main(Args) ->
    {Size, Laps} = case [list_to_integer(A) || A <- Args] of
                       [] -> {100000, 10};
                       [S] -> {S, 10};
                       [S, L | _] -> {S, L}
                   end,
    %% the crash is on purpose: no report for it
    logger:set_primary_config(level, critical),
    say("~s on OTP ~s, ~w schedulers", [erlang:system_info(machine), erlang:system_info(otp_release),
                                       erlang:system_info(schedulers_online)]),
    Before = erlang:system_info(process_count),
    Memory = erlang:memory(total),
    {ok, Sup} = supervisor:start_link(?MODULE, {self(), Size}),
    First = started(Memory, Size),
    laps(First, Size, Laps),

    say("~ncrash! one process in the middle raises an error", []),
    {Down, Second, Up} = crash(First, Size),
    say("  from link to link it reached the first process, ~s away, in ~s", [thousands(Size div 2), ms(Down)]),
    say("  ~s after the crash the supervisor had a new ring of ~s processes", [ms(Up), thousands(Size)]),
    laps(Second, Size, Laps),

    unlink(Sup),
    Ref = monitor(process, Sup),
    {Stop, _} = timer:tc(fun() -> exit(Sup, shutdown), receive {'DOWN', Ref, _, _, _} -> ok end end),
    say("~nthe supervisor stopped in ~s; processes before the ring ~w, after it ~w",
        [ms(Stop), Before, settled(Before)]).

%% ---- the supervisor and its only child

init({Reporter, Size}) ->
    Ring = #{id => ring, start => {?MODULE, start_ring, [Reporter, Size]}, shutdown => 5000},
    {ok, {#{strategy => one_for_one, intensity => 3, period => 10}, [Ring]}}.

%% The child is the ring's first process; it reports when the ring is closed.
start_ring(Reporter, Size) ->
    proc_lib:start_link(erlang, apply, [fun first/2, [Reporter, Size]]).

first(Reporter, Size) ->
    T0 = erlang:monotonic_time(microsecond),
    First = self(),
    Next = spawn_link(fun() -> grow(First, Size - 2) end),
    receive closed -> ok end,
    proc_lib:init_ack({ok, First}),
    Reporter ! {ring, First, erlang:monotonic_time(microsecond) - T0},
    first_loop(Reporter, Next, Size).

%% Each member starts the next one; the last closes the ring.
grow(First, 0) -> link(First), First ! closed, member(First);
grow(First, N) -> member(spawn_link(fun() -> grow(First, N - 1) end)).

%% Counts the laps of the token that the others pass on.
first_loop(Reporter, Next, Size) ->
    receive
        {run, Laps} ->
            Next ! {token, Laps, 0},
            first_loop(Reporter, Next, Size);
        {token, 1, Hops} ->
            Reporter ! {finished, self(), Hops + 1},
            first_loop(Reporter, Next, Size);
        {token, Laps, Hops} ->
            Next ! {token, Laps - 1, Hops + 1},
            first_loop(Reporter, Next, Size);
        {crash, In} ->
            Next ! {crash, In - 1},
            first_loop(Reporter, Next, Size)
    end.

member(Next) ->
    receive
        {token, Laps, Hops} -> Next ! {token, Laps, Hops + 1}, member(Next);
        {crash, 0} -> error(on_purpose);
        {crash, In} -> Next ! {crash, In - 1}, member(Next)
    end.

%% ---- what is measured

started(Memory, Size) ->
    {First, Took} = receive {ring, Pid, T} -> {Pid, T} end,
    Bytes = (erlang:memory(total) - Memory) div Size,
    say("~nbuilt a ring of ~s processes in ~s, ~w bytes each", [thousands(Size), ms(Took), Bytes]),
    First.

laps(First, Size, Laps) ->
    {Took, Hops} = timer:tc(fun() -> First ! {run, Laps}, receive {finished, First, H} -> H end end),
    Hops = Size * Laps,
    say("  the token ran ~w laps: ~s messages in ~s, ~s a second",
        [Laps, thousands(Hops), ms(Took), thousands(Hops * 1000000 div max(Took, 1))]).

%% When the first process of the old ring had ended, and when the new ring stood.
crash(First, Size) ->
    Ref = monitor(process, First),
    T0 = erlang:monotonic_time(microsecond),
    First ! {crash, Size div 2},
    receive {'DOWN', Ref, process, First, {on_purpose, _}} -> ok end,
    Down = erlang:monotonic_time(microsecond) - T0,
    receive {ring, Second, _} -> {Down, Second, erlang:monotonic_time(microsecond) - T0} end.

%% The process count once those that are ending have ended.
settled(Expected) -> settled(Expected, 100).
settled(Expected, Tries) ->
    case erlang:system_info(process_count) of
        Count when Count =:= Expected; Tries =:= 0 -> Count;
        _ -> timer:sleep(20), settled(Expected, Tries - 1)
    end.

say(Format, Args) -> io:format(Format ++ "~n", Args).

ms(Microseconds) -> io_lib:format("~.1f ms", [Microseconds / 1000]).

thousands(N) when N < 1000 -> integer_to_list(N);
thousands(N) -> thousands(N div 1000) ++ io_lib:format(",~3..0w", [N rem 1000]).
