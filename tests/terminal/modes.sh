# the terminal's modes are put back when the node ends, and set again when it goes on after a stop
. "$(dirname "$0")/keys.bash"
start 80 "sh -c 'erl; stty -a | grep -o \"[-]*icanon\\|[-]*echo\\|[-]*opost\\|[-]*icrnl\" | xargs'"
await '1> '; key 'halt().\r'
finish
start 80 "bash -c 'set -m; erl; stty sane; fg %1 >/dev/null; stty -a | grep -o \"[-]*icanon\"'"
await '1> '; key '1.\r'
await '2> '; key '\x1a'
sleep 1; key '2.\r'
await '3> '; key 'halt().\r'
finish
# a terminal that can't move its cursor, and one that nobody knows: plain lines
for terminal_type in dumb nobody-knows; do
    start 80 erl
    await '1> '; key 'whereis(user_drv).\n'
    await '2> '; key 'halt().\n'
    finish
done
