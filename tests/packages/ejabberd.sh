# ejabberd: starts, greets a client, answers its web interface, stops
# needs /usr/lib/*/ejabberd-*/ebin/ejabberd.beam
mkdir db log
cat > ejabberd.yml <<'E'
hosts: [localhost]
listen:
  - {port: 5299, ip: "127.0.0.1", module: ejabberd_c2s}
  - {port: 5288, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {/api: mod_http_api, /admin: ejabberd_web_admin}}
auth_method: internal
modules: {mod_roster: {}, mod_ping: {}, mod_disco: {}, mod_muc: {}}
E
set -- /usr/lib/*/ejabberd-*/ebin
export EJABBERD_CONFIG_PATH=$PWD/ejabberd.yml EJABBERD_LOG_PATH=$PWD/log/ejabberd.log ERL_LIBS=${1%/ejabberd-*}
erl -noshell -mnesia dir "\"$PWD/db\"" -s ejabberd > out 2>&1 &
pid=$!
for i in $(seq 300); do grep -q 'is started in the node' out && break; kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
talk() { exec 3<>/dev/tcp/127.0.0.1/"$1"; printf "$2" >&3; timeout 2 cat <&3; exec 3>&-; echo; }
talk 5299 "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>" | sed "s/ id='[^']*'//"
talk 5288 'GET /admin/ HTTP/1.0\r\n\r\n' | head -1
talk 5288 'GET /api/nothing HTTP/1.0\r\n\r\n'
kill "$pid"; wait "$pid"; echo "status $?"
