# sizes beyond what there is: system_limit or badarg, never an end
# quick
erl -noshell -pa "$EBIN" -s limits main -s init stop
