%% JSON for json_encode and json_decode: objects are maps, strings binaries.
-module(json_text).
-export([document/1, encode/1, decode/1]).

%% A list of N records as a service would answer them.
document(N) ->
    [
        #{
            <<"id">> => I,
            <<"name">> => <<"user ", (integer_to_binary(I))/binary>>,
            <<"active">> => I rem 3 =:= 0,
            % not a whole number, so that every language prints it alike
            <<"score">> => I * 2 + 0.25,
            <<"tags">> => [<<"alpha">>, <<"be\"ta">>, <<"line\nbreak">>],
            <<"place">> => #{<<"city">> => <<"Z\x{c3}\x{bc}rich">>, <<"code">> => 8000 + I rem 100},
            <<"note">> => null
        }
     || I <- lists:seq(1, N)
    ].

encode(Term) -> iolist_to_binary(value(Term)).

value(Map) when is_map(Map) ->
    [$\{, commas([[string(K), $: | value(V)] || {K, V} <- lists:sort(maps:to_list(Map))]), $\}];
value(List) when is_list(List) -> [$[, commas([value(X) || X <- List]), $]];
value(Text) when is_binary(Text) -> string(Text);
value(I) when is_integer(I) -> integer_to_binary(I);
value(F) when is_float(F) -> float_to_binary(F, [{decimals, 4}, compact]);
value(true) -> <<"true">>;
value(false) -> <<"false">>;
value(null) -> <<"null">>.

commas([]) -> [];
commas([X]) -> [X];
commas([X | Rest]) -> [X, $, | commas(Rest)].

string(Text) -> [$", escape(Text, Text, 0, 0), $"].

%% Stretches without a special character are taken over whole.
escape(<<C, Rest/binary>>, Text, Start, Length) when C >= 32, C =/= $", C =/= $\\ ->
    escape(Rest, Text, Start, Length + 1);
escape(<<C, Rest/binary>>, Text, Start, Length) ->
    [binary_part(Text, Start, Length), special(C) | escape(Rest, Text, Start + Length + 1, 0)];
escape(<<>>, Text, 0, _) ->
    Text;
escape(<<>>, Text, Start, Length) ->
    [binary_part(Text, Start, Length)].

special($") -> <<"\\\"">>;
special($\\) -> <<"\\\\">>;
special($\n) -> <<"\\n">>;
special($\t) -> <<"\\t">>;
special(C) -> io_lib:format("\\u~4.16.0b", [C]).

decode(Text) ->
    {Value, Rest} = read(Text),
    <<>> = blanks(Rest),
    Value.

read(<<C, Rest/binary>>) when C =:= $\s; C =:= $\n; C =:= $\t -> read(Rest);
read(<<"{", Rest/binary>>) -> object(blanks(Rest), []);
read(<<"[", Rest/binary>>) -> array(blanks(Rest), []);
read(<<"\"", Rest/binary>>) -> text(Rest, Rest, 0, []);
read(<<"true", Rest/binary>>) -> {true, Rest};
read(<<"false", Rest/binary>>) -> {false, Rest};
read(<<"null", Rest/binary>>) -> {null, Rest};
read(<<C, _/binary>> = Text) when C =:= $-; C >= $0, C =< $9 -> number(Text, Text, 0, integer).

blanks(<<C, Rest/binary>>) when C =:= $\s; C =:= $\n; C =:= $\t -> blanks(Rest);
blanks(Rest) -> Rest.

object(<<"}", Rest/binary>>, Pairs) -> {maps:from_list(Pairs), Rest};
object(<<",", Rest/binary>>, Pairs) -> object(blanks(Rest), Pairs);
object(<<"\"", Rest/binary>>, Pairs) ->
    {Key, Rest1} = text(Rest, Rest, 0, []),
    <<":", Rest2/binary>> = blanks(Rest1),
    {Value, Rest3} = read(Rest2),
    object(blanks(Rest3), [{Key, Value} | Pairs]).

array(<<"]", Rest/binary>>, Values) -> {lists:reverse(Values), Rest};
array(<<",", Rest/binary>>, Values) -> array(blanks(Rest), Values);
array(Text, Values) ->
    {Value, Rest} = read(Text),
    array(blanks(Rest), [Value | Values]).

text(<<$", Rest/binary>>, Start, Length, []) ->
    {binary_part(Start, 0, Length), Rest};
text(<<$", Rest/binary>>, Start, Length, Parts) ->
    {iolist_to_binary(lists:reverse(Parts, [binary_part(Start, 0, Length)])), Rest};
text(<<$\\, C, Rest/binary>>, Start, Length, Parts) ->
    text(Rest, Rest, 0, [unescape(C), binary_part(Start, 0, Length) | Parts]);
text(<<_, Rest/binary>>, Start, Length, Parts) ->
    text(Rest, Start, Length + 1, Parts).

unescape($n) -> $\n;
unescape($t) -> $\t;
unescape(C) -> C.

number(<<C, Rest/binary>>, Text, Length, Kind) when C >= $0, C =< $9; C =:= $- ->
    number(Rest, Text, Length + 1, Kind);
number(<<C, Rest/binary>>, Text, Length, _) when C =:= $.; C =:= $e; C =:= $E; C =:= $+ ->
    number(Rest, Text, Length + 1, float);
number(Rest, Text, Length, integer) ->
    {binary_to_integer(binary_part(Text, 0, Length)), Rest};
number(Rest, Text, Length, float) ->
    {binary_to_float(binary_part(Text, 0, Length)), Rest}.
