# 1,000,000 timers, and half of them cancelled: each of the others fires, and none too early
erl -noshell -pa "$EBIN" -s timers main -s init stop
