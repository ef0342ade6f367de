# malformed packets on sockets: each mode of `packet`, active and passive, is told what erl tells
# quick
erl -noshell -pa "$EBIN" -s sockets main -s init stop
