-module(limits).
-export([main/0]).

main() ->
    Big = id(1 bsl 60),
    Calls = [
        {shift, fun() -> 1 bsl Big end}, {shift2, fun() -> 1 bsl (1 bsl 40) end}, {shift3, fun() -> 0 bsl Big end}, {shift4, fun() -> 1 bsr Big end},
        {copy, fun() -> binary:copy(<<"ab">>, Big) end}, {bits, fun() -> <<0:Big>> end}, {unit, fun() -> <<0:Big/unit:256>> end},
        {copy2, fun() -> binary:copy(<<>>, Big) end},
        {tuple, fun() -> erlang:make_tuple(Big, 0) end}, {tuple2, fun() -> erlang:make_tuple(1 bsl 24, 0) end},
        {atom, fun() -> list_to_atom(lists:duplicate(256, $a)) end}, {atom2, fun() -> binary_to_atom(binary:copy(<<"a">>, 256)) end},
        {atom3, fun() -> list_to_atom([1 bsl 40]) end}, {atom4, fun() -> list_to_existing_atom(lists:duplicate(300, $a)) end},
        {fn, fun() -> erlang:make_fun(a, b, 256) end}, {fn2, fun() -> erlang:make_fun(a, b, Big) end},
        {args, fun() -> apply(fun(_) -> ok end, lists:seq(1, 300)) end}, {args2, fun() -> apply(erlang, f, lists:seq(1, 300)) end},
        {args3, fun() -> spawn(erlang, f, lists:seq(1, 300)) end},
        {timer, fun() -> erlang:send_after(Big * Big, self(), x) end}, {timer2, fun() -> erlang:start_timer(-1, self(), x) end},
        {after_, fun() -> receive after Big -> ok end end}, {after2, fun() -> receive after 1 bsl 32 -> ok end end},
        {seq, fun() -> lists:seq(1, -Big) end}, {digits, fun() -> byte_size(integer_to_binary(1 bsl 100000)) end},
        {parse, fun() -> list_to_integer(lists:duplicate(100000, $9)) rem 1000 end}, {parse2, fun() -> list_to_float("1.0e" ++ lists:duplicate(1000, $9)) end},
        {float, fun() -> float(1 bsl 2000) end}, {float2, fun() -> (1 bsl 2000) / 3 end}, {float3, fun() -> 1.0e308 * 10 end}, {pow, fun() -> math:pow(10, 400) end},
        {fmt, fun() -> float_to_list(1.0e300, [{decimals, 300}]) end}, {fmt2, fun() -> length(float_to_list(1.0, [{decimals, 253}])) end},
        {part, fun() -> binary:part(<<"abc">>, Big, -Big) end}, {part2, fun() -> binary_part(<<"abc">>, 1, -5) end}, {split, fun() -> split_binary(<<"abc">>, Big) end},
        {match, fun() -> binary:match(<<"abc">>, <<"b">>, [{scope, {Big, 1}}]) end}, {at, fun() -> binary:at(<<"abc">>, Big) end},
        {setel, fun() -> setelement(Big, {}, 1) end}, {append, fun() -> erlang:append_element({}, 1) end},
        {hash, fun() -> erlang:phash2(x, 1 bsl 33) end}, {phash, fun() -> erlang:phash(x, 1 bsl 33) end}, {unique, fun() -> erlang:unique_integer([x]) end},
        {pattern, fun() -> re:compile(lists:duplicate(3000, $()) end}, {pattern2, fun() -> re:run(lists:duplicate(40, $a), "(a+)+b", [report_errors]) end},
        {pattern3, fun() -> re:compile("a{1,99999}") end}, {pattern4, fun() -> re:compile(lists:duplicate(200, "(a{1000}){1000}")) end},
        {utf, fun() -> <<16#110000/utf8>> end}, {utf2, fun() -> <<16#d800/utf8>> end}, {chars, fun() -> unicode:characters_to_binary([Big]) end},
        {spawn, fun() -> spawn_opt(fun() -> ok end, [{min_heap_size, Big}]) end}, {flag, fun() -> process_flag(min_heap_size, -1) end},
        {heap, fun() -> process_flag(max_heap_size, Big * Big) end}, {prio, fun() -> process_flag(priority, x) end},
        {counters, fun() -> counters:new(Big, []) end}, {atomics, fun() -> atomics:new(Big, []) end}, {atomics2, fun() -> atomics:new(0, []) end},
        {ets, fun() -> ets:update_counter(ets:new(t, []), k, {Big, 1}) end}, {ets2, fun() -> ets:slot(ets:new(t, []), Big) end},
        {read, fun() -> {ok, F} = file:open("/etc/passwd", [read, raw, binary]), R = file:pread(F, Big * 8, 10), file:close(F), R end},
        {seek, fun() -> {ok, F} = file:open("/etc/passwd", [read, raw]), R = [file:position(F, Big * 16), file:position(F, -1), file:position(F, {eof, -Big})], file:close(F), R end},
        {trunc, fun() -> file:write_file("t", "x"), {ok, F} = file:open("t", [read, write, raw]), R = file:pwrite(F, 1 bsl 70, "x"), file:close(F), R end},
        {name, fun() -> file:read_file(lists:duplicate(5000, $a)) end}, {name2, fun() -> file:read_file([0]) end}, {name3, fun() -> file:read_file(<<"a", 0, "b">>) end},
        {env, fun() -> os:putenv("a=b", "c") end}, {env2, fun() -> os:putenv("a" ++ [0], "c") end}, {env3, fun() -> os:getenv([Big]) end},
        {zlib, fun() -> zlib:uncompress(<<1, 2, 3>>) end}, {crc, fun() -> erlang:crc32_combine(1, 2, Big * 16) end}, {md5, fun() -> erlang:md5([256]) end},
        {port, fun() -> port_command(hd(erlang:ports()), [256]) end}, {halt, fun() -> halt(Big * Big) end}, {halt2, fun() -> halt(-1) end},
        {trace, fun() -> erlang:system_flag(schedulers_online, Big) end}, {sleep, fun() -> erlang:system_flag(backtrace_depth, -1) end},
        {list, fun() -> lists:keyfind(a, Big, [{a}]) end}, {nth, fun() -> element(Big, {a}) end}, {mapk, fun() -> map_get(x, #{}) end}, {hd_, fun() -> hd(id([])) end}],
    [io:format("~p ~P~n", [Name, try F() catch C:R -> {C, R} end, 20]) || {Name, F} <- Calls].

id(X) -> X.
