# the interrupt key: the menu and what it offers, twice the end; with +Bc it is the shell's, with +Bi nothing
. "$(dirname "$0")/keys.bash"
start 80 erl
await '1> '; key '\x03'
await 'istribution'; key 'x\r'
await 'istribution'; key 'v\r'
await 'version'; sleep 0.5; key '1+1.\r'
await '2> '; key '\x03'
await 'istribution'; key 'c\r'
await 'c'; sleep 0.5; key 'timer:sleep(100), done.\r'
await '3> '; key '\x03'
await 'istribution'; key 'a\r'
finish
start 80 'erl -oldshell'
await '1> '; key '\x03'
await 'istribution'; sleep 0.5; key '\x03'
finish
start 80 'erl +Bc'
await '1> '; key 'timer:sleep(infinity).\r'
await ').'; sleep 0.5; key '\x03'
await '1> '; key 'halt(3).\r'
finish
start 80 'erl +Bi'
await '1> '; key '\x03'; key 'halt(4).\r'
finish
start 80 'erl +Bd'
await '1> '; key '\x03'
finish
