%% The number of ways to place N queens: backtracking over lists.
-module(n_queens).
-export([run/1]).

run(N) -> place(N, N, []).

place(0, _, _) -> 1;
place(Row, N, Board) -> columns(N, Row, N, Board, 0).

columns(0, _, _, _, Sum) ->
    Sum;
columns(Column, Row, N, Board, Sum) ->
    case safe(Board, Column, 1) of
        true -> columns(Column - 1, Row, N, Board, Sum + place(Row - 1, N, [Column | Board]));
        false -> columns(Column - 1, Row, N, Board, Sum)
    end.

safe([], _, _) -> true;
safe([Q | Rest], Column, Distance) ->
    Q =/= Column andalso abs(Q - Column) =/= Distance andalso safe(Rest, Column, Distance + 1).
