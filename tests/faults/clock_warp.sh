# the clock jumps by an hour, and may take Erlang's system time along: at once when it is made final, else in a minute
# needs cc
cc -shared -fPIC -o clock.so "$(dirname "$0")/clock.c" -ldl
for mode in single_time_warp multi_time_warp; do
    head -c 8 /dev/zero > ahead
    echo "$mode"
    CLOCK="$PWD/ahead" LD_PRELOAD="$PWD/clock.so" erl +C $mode -noshell -pa "$EBIN" -s clock warp -s init stop
    echo "$?"
done
