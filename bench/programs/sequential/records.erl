%% A stack machine whose state is a record, N rounds: updates of tuples of 12, matching on atoms.
-module(records).
-export([run/1]).

-record(machine, {pc = 0, acc = 0, x = 1, y = 2, z = 3, flags = none, stack = [], steps = 0, a = 0, b = 0, c = 0}).

run(N) ->
    #machine{acc = Acc, steps = Steps, x = X} = rounds(N, #machine{}),
    (Acc + Steps * 3 + X) band 16#ffffffff.

rounds(0, M) -> M;
rounds(N, M) -> rounds(N - 1, program([push, add, swap, {load, N}, mul, mask, pop, flag], M)).

program([I | Rest], M) -> program(Rest, step(I, M#machine{pc = M#machine.pc + 1, steps = M#machine.steps + 1}));
program([], M) -> M#machine{pc = 0}.

step(push, #machine{acc = A, stack = S} = M) -> M#machine{stack = [A | S]};
step(add, #machine{acc = A, x = X} = M) -> M#machine{acc = A + X};
step(swap, #machine{x = X, y = Y, z = Z} = M) -> M#machine{x = Y, y = Z, z = X};
step({load, V}, M) -> M#machine{x = V band 255};
step(mul, #machine{acc = A, y = Y} = M) -> M#machine{acc = A * (Y + 1)};
step(mask, #machine{acc = A} = M) -> M#machine{acc = A band 16#ffffff};
step(pop, #machine{stack = [Top | S], acc = A} = M) -> M#machine{stack = S, acc = A bxor Top};
step(flag, #machine{acc = A} = M) when A band 1 =:= 1 -> M#machine{flags = odd, a = A};
step(flag, M) -> M#machine{flags = even, b = M#machine.acc}.
