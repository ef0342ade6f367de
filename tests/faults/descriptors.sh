# out of file descriptors: every way to open one says emfile, and works again afterwards
# quick
ulimit -n 64
erl -noshell -pa "$EBIN" -s descriptors main -s init stop
echo "status $?"
