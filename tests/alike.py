"""Whether two findings are the same, to the last bit."""

import struct
from dataclasses import is_dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from cxroi.errors import CxroiError
from cxroi.results.on_demand import findings
from cxroi.study.declared import Study


def same(one, two):
    """Whether two findings are the same: floats to the last bit, types as well."""
    if isinstance(one, float) and isinstance(two, float):
        return struct.pack("d", one) == struct.pack("d", two) or (one != one and two != two)
    if isinstance(one, CxroiError):
        said = [(str(e), e.found, e.expected, e.fix) for e in (one, two)]
        return type(one) is type(two) and said[0] == said[1]
    if isinstance(one, Study):
        return one == two
    if is_dataclass(one):
        parts = [(getattr(one, name), getattr(two, name)) for name in findings(one)]
        return type(one) is type(two) and all(same(*pair) for pair in parts)
    if isinstance(one, dict | MappingProxyType):
        return list(one) == list(two) and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        alike = type(one) is type(two) and len(one) == len(two)
        return alike and all(map(same, one, two))
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, two, check_exact=True, check_freq=True)
        pd.testing.assert_index_equal(one.columns, two.columns, exact="equiv")
        return True
    return type(one) is type(two) and one == two
