# as many ports as +Q allows: the caller gets system_limit, and a port that ends makes room
# quick
for limit in 1024 1500 legacy; do
    erl +Q $limit -noshell -eval '
        Open = fun() -> try open_port({spawn_driver, "ram_file_drv"}, []) catch C:R -> {C, R} end end,
        All = fun All(Ps) -> case Open() of P when is_port(P) -> All([P | Ps]); E -> {E, Ps} end end,
        Limit = erlang:system_info(port_limit),
        {Error, [P | Ps]} = All([]),
        io:format("~p ~p ~p~n", [Limit, Error, Limit - length(erlang:ports())]),
        io:format("~p~n", [catch open_port({spawn, "cat"}, [])]),
        io:format("~p~n", [gen_udp:open(0)]),
        port_close(P), timer:sleep(50),
        io:format("~p ~p~n", [is_port(Open()), Open()]),
        halt()' 2>&1 | sed 's/<[0-9.]*>/PID/g' | grep -v "^ "
done
