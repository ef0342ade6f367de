# the tables of processes, ports and ETS full: system_limit, and room again afterwards
# quick
erl -noshell +P 1024 +Q 1024 +e 1024 -kernel logger_level none -pa "$EBIN" -s tables main -s init stop
