%% Messages that a selective receive leaves in the queue stay whole while the receiver collects garbage.
-module(receive_kept).
-export([main/0]).

main() ->
    behind(),
    in_front().

%% Looked at and left, again and again.
behind() ->
    [self() ! {kept, N, [N, {N}, integer_to_list(N)]} || N <- lists:seq(1, 200)],
    Loops = [begin self() ! {go, N}, receive {go, N} -> churn(300) end end || N <- lists:seq(1, 100)],
    io:format("~p~n", [length(Loops)]),
    io:format("~p~n", [[receive {kept, N, [N, {N}, Text]} -> list_to_integer(Text) end || N <- lists:seq(1, 200)]]).

%% A receive that waits for a reference does not look at what came before it was made: that becomes part of the
%% heap after collections of what came behind.
in_front() ->
    Self = self(),
    Echo = spawn_link(fun() ->
        [Self ! {kept, N, [N, {N}, integer_to_list(N)]} || N <- lists:seq(1, 50)],
        echo()
    end),
    arrived(50),
    [begin
         Ref = monitor(process, Echo),
         Echo ! {Self, Ref, N},
         receive {Ref, N} -> demonitor(Ref, [flush]) end,
         churn(300),
         receive {nobody, sends, this} -> ok after 0 -> ok end,
         churn(300)
     end || N <- lists:seq(1, 20)],
    unlink(Echo),
    exit(Echo, kill),
    receive {kept, 25, Middle} -> io:format("~p~n", [Middle]) end,
    churn(3000),
    {messages, Left} = process_info(self(), messages),
    io:format("~p ~p~n", [length(Left), erlang:phash2(Left)]),
    io:format("~p~n", [[element(2, M) || M = {kept, N, [N, {N}, _]} <- Left]]).

%% Waits for messages without a look at them.
arrived(N) ->
    case process_info(self(), message_queue_len) of
        {_, N} -> ok;
        _ -> erlang:yield(), arrived(N)
    end.

echo() ->
    receive {From, Ref, N} -> From ! {other, N, [N]}, From ! {Ref, N}, echo() end.

%% Garbage for a few minor collections.
churn(N) ->
    lists:foldl(fun(I, Acc) -> [{I, [I]} | lists:sublist(Acc, 10)] end, [], lists:seq(1, N)),
    ok.
