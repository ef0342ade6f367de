%% N rounds of throw, error and exit, caught near and from ten frames below, and of `after`.
-module(exceptions).
-export([run/1]).

run(N) -> repeat(N, 0).

repeat(0, Sum) -> Sum;
repeat(N, Sum) ->
    A = try deep(10, N) catch throw:{found, X} -> X end,
    B = try list_to_integer("x" ++ [$0 + N rem 10]) catch error:badarg -> 1 end,
    C = try exit({reason, N band 7}) catch exit:{reason, R} -> R end,
    D = case catch element(N band 1 + 3, {a, b}) of {'EXIT', {badarg, [_ | _]}} -> 2; _ -> 3 end,
    E = try N band 15 after ok end,
    repeat(N - 1, (Sum + A + B + C + D + E) band 16#ffffffff).

deep(0, N) -> throw({found, N band 31});
deep(Depth, N) -> 1 + deep(Depth - 1, N).
