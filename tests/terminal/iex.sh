# Elixir's shell: completion, definitions over several lines, help, errors, colours
if ! command -v iex >/dev/null; then echo "no iex is installed"; exit; fi
. "$(dirname "$0")/keys.bash"
start 80 iex
await '(1)> '; key '1 + 1\r'
await '(2)> '; key 'Enum.ma\t'
await 'map_reduce'; key 'p([1, 2], &(&1 * 2))\r'
await '(3)> '; key 'defmodule A do\r'
await '...(3)> '; key '  def b, do: :c\r'
await '...(3)> '; key 'end\r'
await '(4)> '; key 'A.b |> IO.inspect; IO.puts(IO.ANSI.red() <> "red" <> IO.ANSI.reset())\r'
await '(5)> '; key 'raise "x"\r'
await '(5)> '; key '"\xe6\x97\xa5\xc3\xa9" <> IO.gets("? ")\r'
await '? '; key 'b\r'
await '(6)> '; key 'h Enum.fetch!\r'
await '(7)> '; key '\x03'
await 'istribution'; key 'a\r'
finish
