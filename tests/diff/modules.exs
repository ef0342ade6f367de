# Modules, structs, protocols, behaviours and macros defined at run time.
defmodule Shape do
  defprotocol Area do
    @doc "size of a shape"
    def area(shape)
  end

  defmodule Square do
    defstruct side: 1
  end

  defmodule Circle do
    defstruct [:radius]
  end
end

defimpl Shape.Area, for: Shape.Square do
  def area(%{side: s}), do: s * s
end

defimpl Shape.Area, for: Shape.Circle do
  def area(%{radius: r}), do: Float.round(3.14159 * r * r, 2)
end

defmodule Twice do
  defmacro twice(do: block) do
    quote do
      unquote(block)
      unquote(block)
    end
  end
end

defmodule User do
  require Twice
  def run, do: Twice.twice(do: IO.puts("again"))
  def default(a, b \\ 2), do: {a, b}
  def kind(x) when is_integer(x) and x > 0, do: :positive
  def kind(_), do: :other
end

IO.inspect(Enum.map([%Shape.Square{side: 3}, %Shape.Circle{radius: 2}], &Shape.Area.area/1))
User.run()
IO.inspect({User.default(1), User.default(1, 3), User.kind(5), User.kind(-1)})
IO.inspect(%{%Shape.Square{} | side: 9})
IO.inspect(function_exported?(User, :default, 1))

try do
  Shape.Area.area(5)
rescue
  e in Protocol.UndefinedError -> IO.puts(Exception.message(e))
end
