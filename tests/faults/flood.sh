# 3,000,000 messages to a process that takes none, then takes all, in order, and its memory is back
erl -noshell -pa "$EBIN" -s flood main -s init stop
