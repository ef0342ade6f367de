%% The heavy work of cpu_heavy.erl in a plugin of glulam's own interface, which no other emulator loads.
-module(heavy_plugin).
-export([load/0, fib/1]).

load() -> erlang:load_nif(filename:join(filename:dirname(code:which(?MODULE)), "libheavy_plugin"), 0).

fib(_) -> erlang:nif_error(not_loaded).
