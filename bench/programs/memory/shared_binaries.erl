%% N binaries of 10,000 bytes held by 20 processes each through parts of them: shared, not copied.
-module(shared_binaries).
-export([run/1]).

run(N) ->
    Self = self(),
    Before = resident(),
    Holders = [spawn_link(fun() -> hold([], Self) end) || _ <- lists:seq(1, 20)],
    send(N, Holders),
    [H ! {sum, self()} || H <- Holders],
    Sum = lists:sum([receive {sum, H, S} -> S end || H <- Holders]),
    Bytes = (resident() - Before) div N,
    [H ! stop || H <- Holders],
    {Sum, [{bytes_a_binary, Bytes}]}.

send(0, _) -> ok;
send(N, Holders) ->
    <<_:100/binary, Part/binary>> = binary:copy(<<N:32>>, 2500),
    [H ! {keep, Part} || H <- Holders],
    send(N - 1, Holders).

hold(Kept, Home) ->
    receive
        {keep, Part} -> hold([Part | Kept], Home);
        {sum, From} -> From ! {sum, self(), lists:sum([byte_size(P) + binary:last(P) || P <- Kept])}, hold(Kept, Home);
        stop -> ok
    end.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:lexemes(Text, " "),
    binary_to_integer(Pages) * 4096.
