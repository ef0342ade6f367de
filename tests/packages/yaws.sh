# yaws: pages with code, files small and large
# needs yaws
mkdir log www
echo '<html>hello <erl>out(_) -> {html, integer_to_list(6 * 7)}.</erl></html>' > www/index.yaws
echo plain > www/plain.txt
seq 500000 > www/large.txt
printf '%s\n' 'logdir = log' '<server localhost>' 'port = 8044' 'listen = 127.0.0.1' 'docroot = www' '</server>' > yaws.conf
erl -noshell -eval 'application:load(yaws), application:set_env(yaws, conf, "yaws.conf"), ok = application:start(yaws), io:format("started~n")' > out 2>&1 &
pid=$!
for i in $(seq 100); do grep -q started out && break; sleep 0.1; done
get() { exec 3<>/dev/tcp/127.0.0.1/8044; printf 'GET /%s HTTP/1.0\r\n\r\n' "$1" >&3; cat <&3 | grep -av '^Date\|^Etag\|^Last-Mod'; exec 3>&-; }
get index.yaws; get plain.txt; get none; get large.txt | md5sum
kill "$pid"; wait "$pid"; echo "status $?"
