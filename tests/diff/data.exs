# Maps, keywords, MapSet, Date, ranges, tuples, pattern matching, bit strings.
m = %{a: 1, b: %{c: [1, 2]}}
IO.inspect(put_in(m, [:b, :c], :new))
IO.inspect(get_in(m, [:b, :c]))
IO.inspect(update_in(m.a, &(&1 + 1)))
IO.inspect(Map.merge(%{a: 1}, %{a: 2, b: 3}, fn _k, x, y -> x + y end))
IO.inspect(Keyword.get([a: 1, b: 2, a: 3], :a))
IO.inspect(MapSet.to_list(MapSet.union(MapSet.new([1, 2]), MapSet.new([2, 3]))))
IO.inspect(Date.add(~D[2024-02-28], 2))
IO.inspect(DateTime.to_iso8601(~U[2020-01-01 00:00:00Z]))
IO.inspect(Date.diff(~D[2024-03-01], ~D[2023-03-01]))
{x, [h | t]} = {1, [2, 3, 4]}
IO.inspect({x, h, t})
<<a::4, b::4, rest::binary>> = <<0xAB, "rest">>
IO.inspect({a, b, rest})
IO.inspect(for <<c <- "abc">>, do: c + 1)
IO.inspect(1..10//3 |> Enum.to_list())
IO.inspect(Integer.digits(12345))
IO.inspect(Float.to_string(0.1 + 0.2))
IO.inspect(Enum.into([x: 1], %{}))
IO.inspect(Map.new(1..40, &{&1, &1 * &1}) |> Map.get(33))
