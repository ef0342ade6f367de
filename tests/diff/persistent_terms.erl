%% Persistent terms that are replaced and erased while others hold them: what was read stays whole, and
%% memory is given back.
-module(persistent_terms).
-export([main/0]).

main() ->
    #{memory := Before} = persistent_term:info(),
    Big = lists:seq(1, 10000),
    [persistent_term:put(?MODULE, {N, Big}) || N <- lists:seq(1, 100)],
    #{memory := During} = persistent_term:info(),
    {100, Held} = persistent_term:get(?MODULE),
    io:format("~p ~p~n", [erts_debug:size_shared(Held), (During - Before) div 100000]),
    Pid = holder(),
    true = persistent_term:erase(?MODULE),
    false = persistent_term:erase(?MODULE),
    io:format("~p ~p~n", [until_copied(Held), lists:sum(Held)]),
    io:format("~p~n", [ask(Pid)]),
    #{memory := After} = persistent_term:info(),
    io:format("~p~n", [After - Before < 1000]),
    io:format("~p~n", [catch persistent_term:get(?MODULE, none)]),
    changing().

%% holds a binary, a fun and a list of it in its dictionary, on its stack and in a message
holder() ->
    persistent_term:put(parts, {binary:copy(<<"abc">>, 100), fun lists:reverse/1, [{a, 1.5}, 1 bsl 100], make_ref()}),
    Me = self(),
    Pid = spawn(fun() ->
                        Value = persistent_term:get(parts),
                        put(held, element(1, Value)),
                        self() ! {kept, element(3, Value)},
                        Me ! ready,
                        receive {ask, From} -> ok end,
                        receive {kept, Kept} -> ok end,
                        <<_:3/binary, Rest/binary>> = get(held),
                        F = element(2, Value),
                        From ! {answer, {size(Rest), F([1, 2]), Kept, is_reference(element(4, Value))}}
                end),
    receive ready -> ok end,
    persistent_term:erase(parts),
    timer:sleep(100),
    Pid.

ask(Pid) ->
    Pid ! {ask, self()},
    receive {answer, Answer} -> Answer after 5000 -> none end.

until_copied(Term) ->
    case erts_debug:size_shared(Term) of
        0 -> timer:sleep(5), until_copied(Term);
        Size -> Size
    end.

%% readers check what they have read, some of it long ago, while a writer replaces it
changing() ->
    Me = self(),
    Readers = [spawn(fun() -> read(500, []), Me ! {done, self()} end) || _ <- lists:seq(1, 8)],
    Writer = spawn(fun() -> write(0) end),
    [receive {done, P} -> ok end || P <- Readers],
    exit(Writer, kill),
    io:format("done~n").

read(0, _) -> ok;
read(N, Held) ->
    Value = persistent_term:get(changing, none),
    Now = [Value | lists:sublist(Held, 5)],
    [true = lists:all(fun(E) -> E =:= X end, L) andalso binary:match(B, <<X:32>>) =/= nomatch || {X, L, B} <- Now],
    put(last, Value),
    erlang:yield(),
    read(N - 1, Now).

write(N) ->
    persistent_term:put(changing, {N, lists:duplicate(50, N), binary:copy(<<N:32>>, 30)}),
    N rem 3 =:= 0 andalso erlang:yield(),
    N rem 7 =:= 0 andalso persistent_term:erase(changing),
    write(N + 1).
