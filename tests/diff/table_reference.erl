%% The reference of a table has as many numbers as others have, in text and on the wire, and can be parsed in a query.
-module(table_reference).
-export([main/0]).

main() ->
    Table = ets:new(test, [bag]),
    Ref = make_ref(),
    io:format("~p ~p~n", [dots(Table), dots(Ref)]),
    io:format("~p ~p~n", [byte_size(term_to_binary(Table)) =:= byte_size(term_to_binary(Ref)),
                          binary_to_term(term_to_binary(Table)) =:= Table]),
    io:format("~p~n", [list_to_ref(ref_to_list(Table)) =:= Table]),
    true = ets:insert(Table, [{Ref, Ref}]),
    Query = "[{Val1} || {Ref1, Val1} <- ets:table(" ++ io_lib:write(Table) ++ "), Ref1 =:= Ref].",
    Bindings = erl_eval:add_binding('Ref', Ref, erl_eval:new_bindings()),
    io:format("~p~n", [[{Ref}] =:= qlc:e(qlc:string_to_handle(Query, [], Bindings))]),
    ets:delete(Table),
    io:format("~p~n", [ets:info(Table)]).

dots(Ref) -> length(string:lexemes(ref_to_list(Ref), ".")).
