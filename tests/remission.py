"""Remission in leukaemia: Freireich et al., Blood 21 (1963), 699-716.

Weeks until relapse under 6-mercaptopurine and placebo, the data of Cox (1972); the logarithm of
each patient's white blood count as in Kleinbaum and Klein, Survival Analysis (2012), table 1.2.
"""

import numpy as np
import pandas as pd

# Weeks, and how many of them (the first) ended in a relapse.
MP = ([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], 9)
PLACEBO = ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], 21)
WHITE_CELLS = {
    "6-MP": [
        *(2.31, 4.06, 3.28, 4.43, 2.96, 2.88, 3.60, 2.32, 2.57),
        *(3.20, 2.80, 2.70, 2.60, 2.16, 2.05, 2.01, 1.78, 2.20, 2.53, 1.47, 1.45),
    ],
    "placebo": [
        *(2.80, 5.00, 4.91, 4.48, 4.01, 4.36, 2.42, 3.49, 3.97, 3.52, 3.05),
        *(2.32, 3.26, 3.49, 2.12, 1.50, 3.06, 2.30, 2.95, 2.73, 1.97),
    ],
}


def patients():
    """One row a patient."""
    parts = []
    for treatment, (weeks, relapses) in (("6-MP", MP), ("placebo", PLACEBO)):
        part = {"weeks": weeks, "relapse": np.arange(21) < relapses}
        part |= {"treatment": treatment, "log_white_cells": WHITE_CELLS[treatment]}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)
