# hostile external terms: every truncation and byte change of a hundred terms, sizes that lie, bombs
# quick
erl -noshell -pa "$EBIN" -s hostile_terms main -s init stop
