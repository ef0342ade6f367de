%% A gen_statem: a code lock with state functions, timeouts, postponed events and replies.
-module(gen_statem_life).
-behaviour(gen_statem).
-export([main/0, init/1, callback_mode/0, locked/3, open/3, terminate/3]).

main() ->
    {ok, P} = gen_statem:start_link(?MODULE, [1, 2, 3], []),
    io:format("~p~n", [[push(P, B) || B <- [1, 2, 4]]]),
    Pushed = [push(P, B) || B <- [1, 2, 3]],
    %% The reply comes before the state is entered: what is printed on both sides waits for that.
    State = gen_statem:call(P, state),
    io:format("~p~n~p~n", [Pushed, State]),
    gen_statem:cast(P, ask_when_locked),
    receive {asked, S} -> io:format("asked in ~p~n", [S]) end,
    io:format("~p~n", [gen_statem:call(P, state)]),
    io:format("~p~n", [gen_statem:stop(P)]).

push(P, B) -> gen_statem:call(P, {button, B}).

callback_mode() -> [state_functions, state_enter].
init(Code) -> {ok, locked, #{code => Code, left => Code, main => hd(get('$ancestors'))}}.
locked(enter, Old, D = #{code := C}) -> io:format("enter locked from ~p~n", [Old]), {keep_state, D#{left := C}};
locked({call, F}, {button, B}, D = #{left := [B]}) -> {next_state, open, D, [{reply, F, open}, {state_timeout, 100, lock}]};
locked({call, F}, {button, B}, D = #{left := [B | L]}) -> {keep_state, D#{left := L}, [{reply, F, more}]};
locked({call, F}, {button, _}, D = #{code := C}) -> {keep_state, D#{left := C}, [{reply, F, wrong}]};
locked({call, F}, state, _) -> {keep_state_and_data, [{reply, F, locked}]};
locked(cast, ask_when_locked, #{main := M}) -> M ! {asked, locked}, keep_state_and_data.
open(enter, Old, _) -> io:format("enter open from ~p~n", [Old]), keep_state_and_data;
open(state_timeout, lock, D) -> {next_state, locked, D};
open({call, F}, state, _) -> {keep_state_and_data, [{reply, F, open}]};
open(cast, _, _) -> {keep_state_and_data, [postpone]}.
terminate(R, S, _) -> io:format("terminate ~p in ~p~n", [R, S]).
