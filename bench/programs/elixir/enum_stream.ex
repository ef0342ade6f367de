# Orders of a shop filtered, grouped and summed N times: Enum, Stream, maps, structs, strings.
defmodule :enum_stream do
  defmodule Order do
    defstruct [:id, :customer, :total, :tags]
  end

  def run(n) do
    orders =
      for i <- 1..200 do
        %Order{id: i, customer: "customer #{rem(i, 17)}", total: i * 7, tags: [:new | if(rem(i, 3) == 0, do: [:gift], else: [])]}
      end

    Enum.reduce(1..n, 0, fn round, sum -> Bitwise.band(sum * 31 + report(orders, round), 0xFFFFFFFF) end)
  end

  defp report(orders, round) do
    totals =
      orders
      |> Stream.filter(&(:gift in &1.tags or rem(&1.id, 2) == rem(round, 2)))
      |> Stream.map(&%{&1 | total: &1.total + round})
      |> Enum.group_by(& &1.customer, & &1.total)
      |> Map.new(fn {customer, totals} -> {String.upcase(customer), Enum.sum(totals)} end)

    line = totals |> Enum.sort_by(&elem(&1, 1), :desc) |> Enum.take(5) |> Enum.map_join(", ", fn {c, t} -> "#{c}: #{t}" end)
    byte_size(line) + Enum.sum(Map.values(totals))
  end
end
