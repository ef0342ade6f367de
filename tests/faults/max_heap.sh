# max_heap_size: the process is killed, whatever makes it grow, and nobody else
# quick
erl -noshell -kernel logger_level none -pa "$EBIN" -s max_heap main -s init stop
