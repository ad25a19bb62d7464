import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from cxroi.results.multiplicity import benjamini_hochberg, holm


@pytest.mark.parametrize(("ours", "method"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_both_agree_with_statsmodels(ours, method):
    values = np.random.default_rng(3).uniform(size=40) ** 3
    assert ours(values) == pytest.approx(multipletests(values, method=method)[1])


def test_no_test_at_all():
    assert holm([]).tolist() == []
