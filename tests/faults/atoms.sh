# the table of atoms full: erl ends, glulam raises system_limit in the caller
# quick
# differs
erl -noshell +t 20000 -env ERL_CRASH_DUMP_SECONDS 0 -eval '[list_to_atom("fault_" ++ integer_to_list(N)) || N <- lists:seq(1, 30000)]' 2>&1 | grep -v '^Crash dump' | sed 's/(max=[0-9]*)/(max)/' | head -c 300
erl -noshell +t 20000 -env ERL_CRASH_DUMP_SECONDS 0 -eval '[list_to_atom("fault_" ++ integer_to_list(N)) || N <- lists:seq(1, 30000)]' >/dev/null 2>&1
echo "status $?"
