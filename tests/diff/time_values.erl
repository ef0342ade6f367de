%% Time: units, conversions, order, calendars. No value that depends on when it runs.
-module(time_values).
-export([main/0]).

main() ->
    io:format("~p~n", [[erlang:convert_time_unit(1500, millisecond, U) || U <- [second, microsecond, nanosecond, 10]]]),
    io:format("~p~n", [erlang:convert_time_unit(-1, nanosecond, second)]),
    A = erlang:monotonic_time(), B = erlang:monotonic_time(),
    io:format("~p~n", [B >= A]),
    io:format("~p~n", [abs(erlang:system_time(second) - os:system_time(second)) < 2]),
    io:format("~p~n", [erlang:time_offset(second) + erlang:monotonic_time(second) - erlang:system_time(second) =< 1]),
    {Ms, S, Us} = erlang:timestamp(),
    io:format("~p~n", [is_integer(Ms) andalso S < 1000000 andalso Us < 1000000]),
    io:format("~p~n", [[calendar:day_of_the_week(2024, 2, 29), calendar:is_leap_year(1900), calendar:last_day_of_the_month(2023, 2), calendar:date_to_gregorian_days(2000, 1, 1)]]),
    io:format("~p~n", [[calendar:system_time_to_rfc3339(0, [{offset, "Z"}]), calendar:rfc3339_to_system_time("2020-01-02T03:04:05Z"), calendar:gregorian_seconds_to_datetime(63745056000)]]),
    io:format("~p~n", [[calendar:iso_week_number({2021, 1, 3}), calendar:seconds_to_time(86399), calendar:time_difference({{2020, 1, 1}, {0, 0, 0}}, {{2020, 1, 2}, {1, 2, 3}})]]),
    io:format("~p~n", [erlang:universaltime_to_localtime({{2020, 1, 1}, {0, 0, 0}}) =:= calendar:universal_time_to_local_time({{2020, 1, 1}, {0, 0, 0}})]),
    U1 = erlang:unique_integer([monotonic]), U2 = erlang:unique_integer([monotonic]),
    io:format("~p ~p~n", [U2 > U1, erlang:unique_integer([positive]) > 0]),
    io:format("~p~n", [length(lists:usort([make_ref() || _ <- lists:seq(1, 1000)]))]),
    io:format("~p~n", [try erlang:monotonic_time(fortnight) catch C:R -> {C, R} end]).
