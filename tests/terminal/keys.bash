# For the scripts here: a program on a terminal of its own, typed at key by key.
#   start COLUMNS COMMAND    key TEXT (with printf's escapes)    await TEXT    finish

start() {
    shown= new=
    # a terminal that is gone is no reason for us to go
    trap '' PIPE
    coproc terminal { trap - PIPE; exec env LC_ALL=C.UTF-8 TERM="${terminal_type-xterm}" script -qec "stty cols $1 rows 24; exec $2" /dev/null; }
    exec {from}<&"${terminal[0]}" {to}>&"${terminal[1]}"
    leader=$terminal_PID
    LC_ALL=C
}

key() { printf "$1" 2>/dev/null >&"$to"; }

# Reads on until TEXT has been shown since the last time.
await() {
    local byte
    while [[ $new != *"$1"* ]]; do
        IFS= read -r -N1 -t 20 -u "$from" byte || { echo "'$1' was never shown"; return 1; }
        shown+=$byte new+=$byte
    done
    new=${new##*"$1"}
}

# Everything that was shown but the emulator's own name, and how the program ended.
finish() {
    local byte
    while IFS= read -r -N1 -t 20 -u "$from" byte; do shown+=$byte; done
    printf '%s\n' "$shown" | grep -av '^Erlang/OTP' | cat -v
    wait "$leader"
    echo "status $?"
}
