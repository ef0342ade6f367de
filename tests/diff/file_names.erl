%% File names, and what else is encoded as they are: deep lists of characters; where atoms and binaries
%% are names, and where not. (What `erl` does with bit strings as names is not defined: it may crash.)
-module(file_names).
-export([main/0]).

-define(T(E), t(?LINE, fun() -> E end)).

t(Line, F) ->
    Result = try F() catch C:R -> {C, R} end,
    io:format("~p ~p~n", [Line, if is_port(Result) -> port; true -> Result end]).

port(What, Options) ->
    P = open_port(What, [exit_status | Options]),
    receive {P, M} -> M end.

env(K, V) ->
    port({spawn, "echo $AB"}, [{env, [{K, V}]}]).

main() ->
    ?T(port({spawn, ['echo', " x"]}, [])),
    ?T(port({spawn, [echo|[]]}, [])),
    ?T(port({spawn_executable, ["/bin/", [echo]]}, [{args,["a"]}])),
    ?T(port({spawn_executable, '/bin/echo'}, [{args,["a"]}])),
    ?T(port({spawn_executable, "/bin/echo"}, [{args,[a,"b"]}])),
    ?T(port({spawn_executable, "/bin/echo"}, [{args,[[$a,b]]}])),
    ?T(port({spawn_executable, "/bin/echo"}, [{cd, ["/", tmp]}, {args,["x"]}])),
    ?T(port({spawn_executable, "/bin/echo"}, [{cd, '/tmp'}, {args,["x"]}])),
    ?T(port({spawn, "echo $A"}, [{env, [{"A", ["x", y]}]}])),
    ?T(port({spawn, "echo $A"}, [{env, [{"A", 'y'}]}])),
    ?T(port({spawn, "echo $A"}, [{env, [{"A", [$y, ["z"]]}]}])),
    ?T(os:putenv("A", ["x", y])),
    ?T({os:putenv("A", [$x, [["y"]]]), os:getenv("A")}),
    ?T(os:getenv([a, $b])),
    ?T(os:getenv("\x{d7ff}\x{0}")),
    ?T(os:putenv("A", [$x|y])),
    ?T(file:read_file_info(["/", tmp, "/", [nothing]])),
    ?T(prim_file:read_file_info(["/", tmp, "/", [nothing]])),
    ?T(erlang:load_nif([$a, b], 0)),
    ?T(erlang:load_nif([$a, "b"], 0)),
    ?T(erl_ddll:load(["/", tmp], [nothing])),
    ?T(erl_ddll:load("/tmp", "nothing")),
    ?T(env(["A", "B"], "x")),
    ?T(env(["A", ["B"|[]]], [$x | []])),
    ?T(env("AB", [[[$x], "y"], []])),
    ?T(env("AB", [<<"x">>])),
    ?T(env("AB", [$x|<<"x">>])),
    ?T(env("AB", <<"x">>)),
    ?T(env(<<"AB">>, "x")),
    ?T(env("AB", [])),
    ?T(env("", "x")),
    ?T(env([[]], "x")),
    ?T(env("AB=", "x")),
    ?T(env("A=B", "x")),
    ?T(env("=AB", "x")),
    ?T(env("A\0B", "x")),
    ?T(env("AB", "x\0")),
    ?T(env("AB", [$x, 0])),
    ?T(env("AB", [$x, [[0]]])),
    ?T(env("AB", [$x, -1])),
    ?T(env("AB", [$x, 1000])),
    ?T(env("AB", [$x, [1000]])),
    ?T(env("AB", [$x, 16#D800])),
    ?T(env("AB", [$x, [16#110000]])),
    ?T(env("AB", [$x, [1 bsl 70]])),
    ?T(env(["A", b], "x")),
    ?T(env("AB", [a])),
    ?T(env("AB", false)),
    ?T(env(["A",["B"]], false)),
    ?T(erlang:load_nif([$a, [["b"]]], 0)),
    ?T(erlang:load_nif([$a, <<"b">>], 0)),
    ?T(erlang:load_nif(<<"b">>, 0)),
    ?T(erlang:load_nif(b, 0)),
    ?T(erlang:load_nif([$a, 0], 0)),
    ?T(erlang:load_nif([$a, 1000], 0)),
    ?T(erlang:load_nif([], 0)),
    ?T(os:putenv([$A, ["B"]], [[["x"]], []])),
    ?T(os:getenv([$A, ["B"]])),
    ?T(os:putenv("AB", <<"x">>)),
    ?T(os:putenv("AB", [<<"x">>])),
    ?T(os:putenv(<<"AB">>, "x")),
    ?T(os:putenv("", "x")),
    ?T(os:putenv("=", "x")),
    ?T(os:putenv("=A", "x")),
    ?T(os:putenv("A=", "x")),
    ?T(os:unsetenv("=A")),
    ?T(os:unsetenv([[["AB"]]])),
    ?T(open_port([$v|"anilla"], [])),
    ?T(open_port(["/", tmp], [])),
    ?T(open_port([], [])),
    ?T(prim_file:set_cwd([])),
    ?T(prim_file:read_file_info([])),
    ?T(prim_file:read_file_info([[]])),
    ?T(prim_file:read_file_info(a)),
    ?T(prim_file:read_file_info(<<"/x", 0>>)),
    ?T(prim_file:read_file_info("/x\0")),
    ?T(prim_file:read_link("/x\0")),
    ?T(prim_file:read_link(lists:duplicate(5000, $a))),
    ?T(file:read_link(lists:duplicate(300, $a))),
    ?T(file:read_file_info([$/, [$t, mp], 'tmp'])),
    ?T(file:read_file_info([$/, [1 bsl 80], 'tmp'])),
    ?T(file:read_file_info([$/, [16#D800], 'tmp'])),
    ?T(filelib:is_file([$/, [$t, mp], 'tmp'])),
    rand:seed(exsss, 7),
    [check(name(3)) || _ <- lists:seq(1, 3000)],
    ok.

check(N) ->
    Native = result(fun() -> prim_file:internal_name2native(N) end),
    Back = [begin
        B = binary:part(Native, 0, byte_size(Native) - 1),
        {prim_file:internal_native2name(B), prim_file:is_translatable(B)}
    end || is_binary(Native)],
    io:format("~w ~w ~w~n", [N, Native, Back]).

result(F) ->
    try F() catch C:R -> {C, R} end.

name(0) -> character();
name(Depth) ->
    case rand:uniform(10) of
        1 -> bytes();
        2 -> one_of([atom, 'åä', 'Ω', '', 'a\0', $a, 1.5, {a}, 1 bsl 70, -1, [], 255, 256]);
        3 -> [name(Depth - 1) | one_of([a, $b, [], <<>>, <<"x">>, <<195>>, [$a | b]])];
        _ -> [name(rand:uniform(Depth) - 1) || _ <- lists:seq(1, rand:uniform(4))]
    end.

character() ->
    case rand:uniform(40) of
        1 -> one_of([0, 16#D800, 16#DFFF, 16#FFFE, 16#10FFFF, 16#110000, -5, 16#301, 1 bsl 60, 1 bsl 64, <<"b">>, a, []]);
        N when N < 16 -> rand:uniform(255);
        N when N < 22 -> rand:uniform(16#2000);
        _ -> 96 + rand:uniform(26)
    end.

bytes() ->
    list_to_binary([one_of([0, 96 + rand:uniform(26), rand:uniform(255), <<"é"/utf8>>, <<240, 144>>]) || _ <- lists:seq(1, 4)]).

one_of(List) ->
    lists:nth(rand:uniform(length(List)), List).
