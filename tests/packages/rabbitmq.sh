# RabbitMQ: a node, its command line, messages published with confirms and consumed in order
# needs /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server
set -- /usr/lib/rabbitmq/lib/rabbitmq_server-*
home=$1
export HOME=$PWD RABBITMQ_HOME=$home RABBITMQ_NODENAME=rabbit_test@localhost RABBITMQ_MNESIA_BASE=$PWD/mnesia RABBITMQ_LOG_BASE=$PWD/log
export RABBITMQ_NODE_PORT=25672 RABBITMQ_DIST_PORT=25673 RABBITMQ_ENABLED_PLUGINS_FILE=$PWD/plugins RABBITMQ_PID_FILE=$PWD/pid
export RABBITMQ_LOGS=- RABBITMQ_CONF_ENV_FILE=/dev/null ERL_EPMD_PORT=${ERL_EPMD_PORT-4377}
echo '[].' > plugins
"$home/sbin/rabbitmq-server" > out 2>&1 &
pid=$!
for i in $(seq 600); do grep -q 'Server startup complete' out && break; kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
rabbit() { timeout 60 "$home/sbin/rabbitmqctl" "$@" 2>&1; }
rabbit status | grep -a '^Status\|^Error\|RabbitMQ version\|^Totals\|^Queue count'
rabbit add_vhost v1; rabbit list_vhosts
cat > published.erl <<'E'
-module(published).
-export([main/0]).
-include_lib("amqp_client/include/amqp_client.hrl").
main() ->
    {ok, Connection} = amqp_connection:start(#amqp_params_network{host = "127.0.0.1", port = 25672}),
    {ok, Channel} = amqp_connection:open_channel(Connection),
    #'queue.declare_ok'{} = amqp_channel:call(Channel, #'queue.declare'{queue = <<"q">>, durable = true}),
    #'confirm.select_ok'{} = amqp_channel:call(Channel, #'confirm.select'{}),
    Publish = fun(N) ->
        Message = #amqp_msg{props = #'P_basic'{delivery_mode = 2}, payload = integer_to_binary(N)},
        amqp_channel:cast(Channel, #'basic.publish'{routing_key = <<"q">>}, Message)
    end,
    lists:foreach(Publish, lists:seq(1, 1000)),
    io:format("confirmed ~p~n", [amqp_channel:wait_for_confirms(Channel, 30000)]),
    amqp_channel:subscribe(Channel, #'basic.consume'{queue = <<"q">>, no_ack = true}, self()),
    receive #'basic.consume_ok'{} -> ok end,
    Got = [receive {#'basic.deliver'{}, #amqp_msg{payload = P}} -> binary_to_integer(P) after 10000 -> none end || _ <- lists:seq(1, 1000)],
    io:format("in order ~p~n", [Got =:= lists:seq(1, 1000)]),
    amqp_connection:close(Connection),
    halt().
E
ERL_LIBS=$home/plugins erlc published.erl && ERL_LIBS=$home/plugins timeout 60 erl -noshell -s published main
rabbit list_queues name messages; rabbit eval 'is_pid(whereis(rabbit)).'
rabbit stop
wait "$pid"; echo "status $?"
