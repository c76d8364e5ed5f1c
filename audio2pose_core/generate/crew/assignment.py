"""Who takes which place: the assignment whose paths are shortest together."""

from __future__ import annotations

import numpy as np


def assign(cost: np.ndarray) -> np.ndarray:
    """The column (n,) of each row such that the sum of ``cost`` (n, n) is least.

    The Hungarian method by shortest augmenting paths (R. Jonker and A. Volgenant, "A Shortest
    Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems", Computing 38,
    1987), O(n³) with a row at a time in numpy.
    """
    size = len(cost)
    of_row, of_column = np.zeros(size + 1), np.zeros(size + 1)
    row_at = np.zeros(size + 1, dtype=int)  # the row that a column has, counted from 1
    for row in range(1, size + 1):
        row_at[0] = row
        column = 0
        least = np.full(size + 1, np.inf)
        came_from = np.zeros(size + 1, dtype=int)
        done = np.zeros(size + 1, dtype=bool)
        while row_at[column]:
            done[column] = True
            here = row_at[column]
            open_columns = np.flatnonzero(~done)
            slack = cost[here - 1, open_columns - 1] - of_row[here] - of_column[open_columns]
            better = slack < least[open_columns]
            least[open_columns[better]] = slack[better]
            came_from[open_columns[better]] = column
            following = open_columns[np.argmin(least[open_columns])]
            step = least[following]
            of_row[row_at[done]] += step
            of_column[done] -= step
            least[~done] -= step
            column = int(following)
        while column:
            row_at[column] = row_at[came_from[column]]
            column = int(came_from[column])
    out = np.empty(size, dtype=int)
    out[row_at[1:] - 1] = np.arange(size)
    return out
