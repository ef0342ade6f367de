%% Where processes that wait are shown to be.
-module(waiting_places).
-export([main/0]).
main() ->
    P = spawn(fun a/0), Q = spawn(fun b/0), R = spawn(fun c/0), S = spawn(fun d/0),
    timer:sleep(100),
    [io:format("~p~n~p~n", [process_info(X, current_stacktrace), process_info(X, current_location)]) || X <- [P, Q, R, S]],
    [io:format("~p~n", [process_info(whereis(X), current_stacktrace)]) || X <- [init, kernel_sup, logger, user, code_server]].
a() ->
    receive
        x ->
            foo(),
            ok;
        y ->
            bar()
    end,
    ok.
b() ->
    foo(),
    receive
        x ->
            foo(),
            ok;
        y ->
            bar()
    after 10000 ->
       foo()
    end,
    ok.
c() -> timer:sleep(20000), ok.
d() -> [c()].
foo() -> self() ! 1.
bar() -> 1.
