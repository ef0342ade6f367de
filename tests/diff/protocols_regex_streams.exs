# Protocols, deriving, regular expressions, strings and streams.
defprotocol Size do
  @fallback_to_any true
  def size(x)
end
defimpl Size, for: BitString do
  def size(x), do: byte_size(x)
end
defimpl Size, for: [List, Tuple] do
  def size(x) when is_list(x), do: length(x)
  def size(x), do: tuple_size(x)
end
defimpl Size, for: Any do
  def size(_), do: :unknown
end
defmodule P do
  @derive {Inspect, only: [:a]}
  defstruct [:a, b: 2]
end
defmodule Q do
  @enforce_keys [:x]
  defstruct [:x]
  defimpl String.Chars do
    def to_string(q), do: "Q<#{q.x}>"
  end
  defimpl Enumerable do
    def count(_), do: {:ok, 3}
    def member?(_, _), do: {:error, __MODULE__}
    def slice(_), do: {:error, __MODULE__}
    def reduce(_, acc, f), do: Enumerable.List.reduce([1, 2, 3], acc, f)
  end
end
IO.inspect([Size.size("abc"), Size.size([1]), Size.size({1, 2}), Size.size(1.5)])
IO.inspect(%P{a: 1})
IO.puts("#{struct!(Q, x: 5)}")
IO.inspect(Enum.map(struct!(Q, x: 1), & &1 * 2))
IO.inspect(Protocol.assert_impl!(Size, List))
IO.inspect(try do Protocol.assert_impl!(Enumerable, Integer) rescue e in ArgumentError -> Exception.message(e) end)
IO.inspect(try do Enum.map(5, & &1) rescue e in Protocol.UndefinedError -> Exception.message(e) end)
IO.inspect(try do struct!(Q, y: 1) rescue e -> {e.__struct__, Exception.message(e)} end)
IO.inspect(Regex.run(~r/(?<y>\d{4})-(\d\d)/, "on 2024-05-06"))
IO.inspect(Regex.named_captures(~r/(?<y>\d{4})-(?<m>\d\d)/, "on 2024-05-06"))
IO.inspect(Regex.replace(~r/[aeiou]/, "hello", fn v -> String.upcase(v) end))
IO.inspect(Regex.scan(~r/\w+/u, "añb c d"))
IO.inspect(Regex.split(~r/,\s*/, "a, b,c", include_captures: true))
IO.inspect(Regex.compile("("))
IO.inspect(try do Regex.compile!("[") rescue e -> Exception.message(e) end)
IO.inspect(~r/a/iu)
IO.inspect(String.split("a b  c"))
IO.inspect(String.normalize("e\u0301", :nfc))
IO.inspect([String.jaro_distance("abc", "abd"), String.myers_difference("abc", "abd"), String.graphemes("👨‍👩‍👧 é"), String.codepoints("é"), String.pad_leading("7", 3, "0"), String.capitalize("éa"), String.valid?(<<255>>), String.chunk("ab\x00c", :printable), String.bag_distance("ab", "ba")])
IO.inspect("a\tb\e\x01é" <> <<255>>)
IO.inspect('abc')
IO.inspect([1, 300, ?a], charlists: :as_lists)
IO.inspect(%{b: 1, a: %{"x" => [1.0, nil, true]}}, pretty: true, width: 10)
IO.inspect({:a, "b", 'c', 1..3, 1..10//2, ~D[2024-01-01], ~T[10:00:00], ~U[2024-01-01 10:00:00Z], ~N[2024-01-01 10:00:00], self() |> is_pid})
IO.inspect(Stream.iterate(1, & &1 * 2) |> Stream.take_while(& &1 < 100) |> Enum.to_list())
IO.inspect(Stream.unfold({0, 1}, fn {a, b} -> {a, {b, a + b}} end) |> Enum.take(10))
IO.inspect(Stream.resource(fn -> 3 end, fn 0 -> {:halt, 0}; n -> {[n], n - 1} end, fn _ -> :ok end) |> Enum.to_list())
IO.inspect(1..10 |> Stream.chunk_every(3) |> Stream.with_index() |> Stream.zip([:a, :b]) |> Enum.to_list())
IO.inspect(Stream.cycle([1, 2]) |> Stream.transform(0, fn x, a -> if a > 5, do: {:halt, a}, else: {[x + a], a + x} end) |> Enum.to_list())
IO.inspect(Enum.reduce_while(1..100, 0, fn x, a -> if a > 20, do: {:halt, a}, else: {:cont, a + x} end))
IO.inspect([Enum.chunk_by([1, 1, 2], & &1), Enum.zip_with([[1, 2], [3, 4]], &Enum.sum/1), Enum.frequencies("aab" |> String.graphemes), Enum.group_by(1..5, &rem(&1, 2)), Enum.min_max([3, 1]), Enum.scan(1..4, &+/2), Enum.flat_map_reduce([1, 2], 0, &{[&1, &2], &2 + 1}), Enum.dedup([1, 1, 2]), Enum.slide(1..5, 0, 3), Enum.sort_by(["bb", "a"], &byte_size/1, :desc), Enum.into([a: 1], %{})])
