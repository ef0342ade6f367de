# programs that can't be started: what is no program, no directory, no memory for the child
# quick
touch plain
mkdir dir
printf '#!/no/such/interpreter\n' > bad_script
chmod +x bad_script
erl -noshell -kernel logger_level none -pa "$EBIN" -s fork main -s init stop
