%% Conversions between integers, atoms, lists, binaries, tuples: every base, every refusal.
-module(conversions).
-export([main/0]).

main() ->
    Calls = [{integer_to_list, [I, B]} || I <- [0, 255, -255, 1 bsl 100], B <- [2, 8, 10, 16, 36]] ++
        [{integer_to_binary, [1 bsl 64, 16]}, {integer_to_list, [1, 37]}, {integer_to_list, [1, 1]}, {integer_to_list, [a]}] ++
        [{list_to_integer, [S]} || S <- ["0", "-0", "+12", "12a", "", "-", "99999999999999999999999999", " 1", "1_000"]] ++
        [{list_to_integer, [S, B]} || {S, B} <- [{"zz", 36}, {"ff", 16}, {"FF", 16}, {"12", 2}, {"-101", 2}, {"1", 0}]] ++
        [{binary_to_integer, [X]} || X <- [<<"7">>, <<"-7">>, <<"7 ">>, <<>>, <<7:3>>, "7"]] ++
        [{atom_to_list, [a]}, {atom_to_list, ['']}, {list_to_atom, ["x y"]}, {list_to_atom, [lists:duplicate(256, $a)]}, {list_to_existing_atom, ["no_such_atom_anywhere"]}, {binary_to_existing_atom, [<<"lists">>, utf8]}] ++
        [{list_to_binary, [X]} || X <- [[], [1, [2, <<3>>]], [256], [a], [1 | <<2>>], [1 | 2], <<1>>, [-1]]] ++
        [{iolist_to_binary, [<<1>>]}, {iolist_size, [[1, <<2, 3>>, [[]]]]}, {iolist_size, [[a]]}, {list_to_bitstring, [[1, <<1:1>>]]}, {bitstring_to_list, [<<1, 5:3>>]}] ++
        [{binary_to_list, [<<"abc">>]}, {binary_to_list, [<<"abcd">>, 2, 3]}, {binary_to_list, [<<"a">>, 0, 1]}, {binary_to_list, [<<1:1>>]}] ++
        [{list_to_tuple, [[1, 2]]}, {list_to_tuple, [[1 | 2]]}, {tuple_to_list, [{a, b}]}, {make_tuple, [2, x]}, {make_tuple, [3, d, [{2, z}]]}, {make_tuple, [-1, x]}] ++
        [{append_element, [{a}, b]}, {insert_element, [1, {b}, a]}, {delete_element, [2, {a, b}]}, {setelement, [2, {a, b}, c]}, {element, [1, {}]}] ++
        [{float_to_list, [1.5]}, {list_to_float, ["1.5"]}, {binary_to_float, [<<"-1.5e-3">>]}, {float_to_binary, [1.0e10, [{decimals, 2}]]}, {float, [3]}, {trunc, [1.0e20]}, {round, [-0.5]}] ++
        [{split_binary, [<<"abc">>, 1]}, {split_binary, [<<"abc">>, 4]}, {binary_part, [<<"abc">>, {1, 2}]}, {byte_size, [<<1:9>>]}, {bit_size, [<<1:9>>]}, {size, [{1, 2}]}, {size, [a]}] ++
        [{list_to_pid, ["<0.1.0>"]}, {list_to_pid, ["x"]}, {list_to_ref, ["#Ref<0.1.2.3>"]}, {is_boolean, [true]}, {min, [1, 1.0]}, {max, [1.0, 1]}],
    [io:format("~p ~p -> ~p~n", [F, A, try apply(erlang, F, A) catch C:R -> {C, R} end]) || {F, A} <- Calls].
