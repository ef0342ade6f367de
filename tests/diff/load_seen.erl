%% Whoever finds that a module is loaded finds its functions, too.
-module(load_seen).
-export([main/0]).

-define(MODULES, 200).

main() ->
    Names = [list_to_atom("load_seen_" ++ integer_to_list(N)) || N <- lists:seq(1, ?MODULES)],
    Codes = [{Name, code(Name)} || Name <- Names],
    Me = self(),
    Watchers = [spawn_link(fun() -> Me ! {self(), watch(Names, 0)} end) || _ <- lists:seq(1, 3)],
    [{module, Name} = erlang:load_module(Name, Code) || {Name, Code} <- Codes],
    io:format("~p~n", [[receive {Watcher, Missed} -> Missed end || Watcher <- Watchers]]).

code(Name) ->
    Functions = [list_to_atom("f" ++ integer_to_list(N)) || N <- lists:seq(1, 30)],
    Forms = [{attribute, 1, module, Name}, {attribute, 1, export, [{F, 0} || F <- Functions]}
             | [{function, 1, F, 0, [{clause, 1, [], [], [{atom, 1, F}]}]} || F <- Functions]],
    {ok, Name, Code} = compile:forms(Forms, []),
    Code.

%% How many had no function though they were loaded.
watch([], Missed) -> Missed;
watch([Name | Names] = All, Missed) ->
    case erlang:module_loaded(Name) of
        false -> watch(All, Missed);
        true ->
            case erlang:function_exported(Name, f30, 0) of
                true -> watch(Names, Missed);
                false -> watch(Names, Missed + 1)
            end
    end.
