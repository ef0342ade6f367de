# terms 1,000,000 deep: compared, hashed, printed, copied, sent, encoded, collected, matched
erl -noshell -pa "$EBIN" -s deep_terms main -s init stop
