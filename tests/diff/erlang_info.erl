%% system_info, statistics and friends: kinds of answers, errors for unknown keys.
-module(erlang_info).
-export([main/0]).

main() ->
    io:format("~p~n", [[erlang:system_info(K) || K <- [otp_release, version, wordsize, endian, process_limit, atom_limit, port_limit, build_type, smp_support, threads, ets_limit, modified_timing_level, compat_rel, multi_scheduling, fullsweep_after, min_heap_size, min_bin_vheap_size, nif_version, driver_version]]]),
    io:format("~p~n", [[{K, is_integer(erlang:system_info(K))} || K <- [schedulers, schedulers_online, logical_processors, process_count, port_count, atom_count, ets_count, dirty_cpu_schedulers, dirty_io_schedulers, creation, start_time]]]),
    io:format("~p~n", [os:type()]),
    io:format("~p~n", [[begin R = erlang:statistics(K), if is_tuple(R) -> tuple_size(R); is_list(R) -> list; true -> number end end || K <- [reductions, runtime, wall_clock, garbage_collection, io, context_switches, run_queue, total_run_queue_lengths, exact_reductions]]]),
    io:format("~p~n", [lists:sort([K || {K, V} <- erlang:memory(), is_integer(V)])]),
    io:format("~p~n", [[try erlang:system_info(K) catch C:R -> {C, R} end || K <- [no_such_key, {bad}, 1]]]),
    io:format("~p~n", [try erlang:system_flag(no_such_flag, 1) catch C1:R1 -> {C1, R1} end]),
    io:format("~p~n", [[node(), is_alive(), nodes(), node(self()), erlang:get_cookie()]]),
    io:format("~p~n", [[erts_debug:flat_size(X) || X <- [1, 1 bsl 64, [1, 2], {a, b}, #{a => 1}, "string", <<"bin">>, 1.5, fun() -> 1 end]]]),
    io:format("~p~n", [init:get_plain_arguments()]).
