-module(store).
-export([open/1, put/3, delete/2, get/2, range/3, subscribe/1, loads/0, test/0]).
-on_load(load/0).

load() ->
    Dir = filename:dirname(code:which(?MODULE)),
    Places = [filename:join(Dir, P) || P <- ["libstore", "target/release/libstore"]],
    [Found | _] = [P || P <- Places, filelib:is_file(P ++ ".so")] ++ [hd(Places)],
    erlang:load_nif(Found, 0).

open(_) -> erlang:nif_error(not_loaded).
put(_, _, _) -> erlang:nif_error(not_loaded).
delete(_, _) -> erlang:nif_error(not_loaded).
get(_, _) -> erlang:nif_error(not_loaded).
range(_, _, _) -> erlang:nif_error(not_loaded).
subscribe(_) -> erlang:nif_error(not_loaded).
loads() -> erlang:nif_error(not_loaded).

test() ->
    File = filename:join(filename:basedir(user_cache, "store_test"), os:getpid() ++ ".redb"),
    ok = filelib:ensure_dir(File),
    Store = open(File),
    true = is_reference(Store),
    ok = subscribe(Store),
    undefined = get(Store, <<"a">>),
    Large = binary:copy(<<"x">>, 100000),
    ok = put(Store, <<"a">>, <<"1">>),
    ok = put(Store, <<"b">>, Large),
    <<"1">> = get(Store, <<"a">>),
    Large = get(Store, <<"b">>),
    [{<<"a">>, <<"1">>}, {<<"b">>, Large}] = range(Store, <<>>, 10),
    [{<<"b">>, Large}] = range(Store, <<"aa">>, 10),
    true = delete(Store, <<"a">>),
    false = delete(Store, <<"a">>),
    receive {store, put, <<"a">>} -> ok end,
    receive {store, put, <<"b">>} -> ok end,
    receive {store, delete, <<"a">>} -> ok end,
    {'EXIT', {badarg, _}} = (catch get(make_ref(), <<"a">>)),
    {'EXIT', {{store, _}, _}} = (catch open("/nowhere/to/be/found")),
    %% A new version of the module takes over what the one before knew.
    1 = loads(),
    {module, store} = code:load_file(store),
    2 = store:loads(),
    file:delete(File),
    ok.
