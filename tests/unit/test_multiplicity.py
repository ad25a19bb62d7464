import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from cxroi.multiplicity import benjamini_hochberg, holm

# Benjamini and Hochberg, JRSS B 57 (1995), section 4.1: thrombolysis and its fifteen outcomes.
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_the_example_of_benjamini_and_hochberg():
    # The paper: four hypotheses are rejected at 0.05, three by a familywise procedure.
    assert (benjamini_hochberg(THROMBOLYSIS) <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert (holm(THROMBOLYSIS) <= 0.05).tolist() == [True] * 3 + [False] * 12


def test_holm_by_hand():
    # 0.005 * 4 = 0.02; 0.01 * 3 = 0.03; 0.03 * 2 = 0.06; 0.04 * 1, but not under 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@pytest.mark.parametrize(("ours", "method"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_both_agree_with_statsmodels(ours, method):
    values = np.random.default_rng(3).uniform(size=40) ** 3
    assert ours(values) == pytest.approx(multipletests(values, method=method)[1])


def test_no_test_at_all():
    assert holm([]).tolist() == []
