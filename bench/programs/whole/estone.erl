%% The parts of OTP's own estone_SUITE, each with N hundredths of its loops; the file comes from OTP's sources.
%% The part that needs a program of its own outside (port_io) is left out.
-module(estone).
-export([prepare/1, run/1]).

prepare(N) ->
    File = filename:join([os:getenv("GLULAM_OTP_SRC"), "erts/emulator/test/estone_SUITE.erl"]),
    {ok, Module, Binary} = compile:file(File, [binary, {d, 'PGO'}]),
    {module, Module} = code:load_binary(Module, File, Binary),
    {N, Module, [M || M <- Module:micros(), element(2, M) =/= port_io]}.

run({N, Module, Micros}) ->
    Times = [time(Module, setelement(4, M, max(1, element(4, M) * N div 100))) || M <- Micros],
    {length(Times), [{list_to_atom(atom_to_list(Name) ++ "_microseconds"), T} || {Name, T} <- Times]}.

time(Module, Micro) ->
    Self = self(),
    Pid = spawn_link(fun() -> Module:run_micro(Self, Micro, "") end),
    receive {Pid, Results} -> {proplists:get_value(function, Results), proplists:get_value(microsecs, Results)} end.
