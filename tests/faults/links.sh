# 1,000,000 processes linked to one that dies: all go with it; the same with monitors
erl +P 2000000 -noshell -pa "$EBIN" -s links main -s init stop
