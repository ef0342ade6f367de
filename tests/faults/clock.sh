# the clock jumps by seconds, an hour, a year, and back: timers keep their time, Erlang's clocks go on as before
# quick
# needs cc
cc -shared -fPIC -o clock.so "$(dirname "$0")/clock.c" -ldl
for mode in no_time_warp single_time_warp; do
    head -c 8 /dev/zero > ahead
    echo "$mode"
    CLOCK="$PWD/ahead" LD_PRELOAD="$PWD/clock.so" erl +C $mode -noshell -pa "$EBIN" -s clock main -s init stop
    echo "$?"
done
