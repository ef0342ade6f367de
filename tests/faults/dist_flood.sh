# another node is flooded with messages of 32 MB: senders are suspended, and neither node grows without bound
export OTHER=flooded_$$
erl -noshell -sname $OTHER -pa "$EBIN" &
erl -noshell -sname flooding_$$ -pa "$EBIN" -s dist_flood main -s init stop
echo "$?"
wait
