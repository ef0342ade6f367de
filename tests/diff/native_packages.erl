%% Libraries of natives that a distribution packages, as they are: JSON, XML, YAML, stringprep, character
%% sets, MQTT topics, TLS, hashes. What is not installed says so.
-module(native_packages).
-export([main/0]).

main() ->
    with(jiffy, fun json/0),
    with(fxml_stream, fun xml/0),
    with(fast_yaml, fun yaml/0),
    with(stringprep, fun prepared/0),
    with(iconv, fun character_sets/0),
    with(mqtree, fun topics/0),
    with(ets_cache, fun cached/0),
    with(p1_sha, fun hashes/0),
    with(jid, fun addresses/0),
    with(fast_tls, fun tls/0).

with(Module, Test) ->
    case code:which(Module) of
        non_existing -> io:format("~p: skipped, its package is not installed~n", [Module]);
        _ ->
            try Test(), io:format("~p: done~n", [Module])
            catch Class:Reason -> io:format("~p: ~p~n", [Module, {Class, Reason}])
            end
    end.

failed(Fun) ->
    try Fun() catch Class:Reason -> {Class, Reason} end.

show(What) -> io:format("~p~n", [What]).

json() ->
    Text = <<"{\"a\":[1,2.5,-3e2,true,false,null,\"\\u00e9\"],\"b\":{\"c\":12345678901234567890}}">>,
    Decoded = jiffy:decode(Text, [return_maps]),
    show(Decoded),
    show(iolist_to_binary(jiffy:encode(Decoded))),
    show(jiffy:decode(<<"[1,[2,[3]]]">>)),
    show(failed(fun() -> jiffy:decode(<<"{\"a\":">>) end)),
    show(failed(fun() -> jiffy:encode({not_json}) end)),
    %% Long enough to be done in steps.
    Long = lists:seq(1, 200000),
    Long = jiffy:decode(iolist_to_binary(jiffy:encode(Long))),
    Nested = lists:foldl(fun(_, L) -> [L] end, [], lists:seq(1, 500)),
    Nested = jiffy:decode(jiffy:encode(Nested)).

xml() ->
    show(fxml_stream:parse_element(<<"<a x='1'><b>text &amp; more</b><c/></a>">>)),
    show(fxml_stream:parse_element(<<"<a><b></a>">>)),
    S0 = fxml_stream:new(self()),
    S1 = fxml_stream:parse(S0, <<"<stream><one n='1'>fir">>),
    S2 = fxml_stream:parse(S1, <<"st</one><two/></stream>">>),
    fxml_stream:close(S2),
    show(received()).

received() ->
    receive {'$gen_event', M} -> [M | received()] after 0 -> [] end.

yaml() ->
    show(fast_yaml:decode(<<"a: 1\nb:\n  - x\n  - 2.5\n  - true\n">>)),
    show(fast_yaml:decode(<<"a: [1, 2">>)).

prepared() ->
    show(stringprep:load_nif()),
    show(stringprep:nodeprep(<<"Ab", 195, 156, "c">>)),
    show(stringprep:nameprep(<<"EXAMPLE.org">>)),
    show(stringprep:resourceprep(<<"a", 195, 169>>)),
    show(stringprep:tolower(<<"ABC">>)).

character_sets() ->
    show(iconv:load_nif()),
    show(iconv:convert(<<"latin1">>, <<"utf-8">>, <<233, 232>>)),
    show(iconv:convert(<<"utf-8">>, <<"utf-16le">>, <<"ab">>)).

topics() ->
    Tree = mqtree:new(),
    ok = mqtree:insert(Tree, <<"a/+/c">>),
    ok = mqtree:insert(Tree, <<"a/#">>),
    ok = mqtree:insert(Tree, <<"b">>),
    show(lists:sort(mqtree:match(Tree, <<"a/b/c">>))),
    show(mqtree:size(Tree)),
    ok = mqtree:delete(Tree, <<"b">>),
    show(mqtree:is_empty(Tree)),
    show(mqtree:match(Tree, <<"b">>)).

cached() ->
    {ok, _} = application:ensure_all_started(p1_utils),
    {ok, _} = application:ensure_all_started(cache_tab),
    ok = ets_cache:new(numbers, [{max_size, 100}]),
    show(ets_cache:lookup(numbers, 1, fun() -> {ok, one} end)),
    show(ets_cache:lookup(numbers, 1, fun() -> {ok, another} end)),
    show(ets_cache:delete(numbers)).

hashes() ->
    show(p1_sha:sha(<<"abc">>)),
    show(p1_sha:to_hexlist(<<0, 255>>)).

addresses() ->
    show(jid:start()),
    show(jid:decode(<<"User@EXAMPLE.org/Phone">>)),
    show(failed(fun() -> jid:decode(<<"@">>) end)).

tls() ->
    {ok, _} = application:ensure_all_started(fast_tls),
    show(fast_tls:get_fips_mode()).
