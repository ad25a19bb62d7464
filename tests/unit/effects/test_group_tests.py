import numpy as np
import pytest
from panels import by_group, customers, moments
from scipy import stats

from cxroi.effects.gaps import welch
from cxroi.effects.group_tests import games_howell, pairwise
from cxroi.effects.groups import compare_groups
from cxroi.errors import ModelError
from cxroi.models.sample import take_sample

RNG = np.random.default_rng(8)
GROUPS = {
    "detractor": RNG.normal(10, 1, 30),
    "passive": RNG.normal(10.5, 3, 60),
    "promoter": RNG.normal(12, 6, 45),
}


def sample_of(panel_of, groups, **columns):
    frame = by_group("spend", **groups).assign(**columns)
    return take_sample(panel_of(frame, {"spend": "amount"}), "spend")


def test_games_howell_written_out(panel_of):
    # Welch's t and degrees of freedom, against the range of three groups: q = t sqrt 2.
    table = games_howell(sample_of(panel_of, GROUPS), list(GROUPS))
    for row, (low, high) in enumerate([(0, 1), (0, 2), (1, 2)]):
        a, b = list(GROUPS.values())[high], list(GROUPS.values())[low]
        parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
        freedom = sum(parts) ** 2 / (parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1))
        gap, error = a.mean() - b.mean(), np.sqrt(sum(parts))
        half = stats.studentized_range.ppf(0.95, 3, freedom) / np.sqrt(2) * error
        expected = stats.studentized_range.sf(np.sqrt(2) * abs(gap) / error, 3, freedom)
        found = table.loc[row, ["estimate", "conf_low", "conf_high", "p_value"]].tolist()
        assert found == pytest.approx([gap, gap - half, gap + half, expected], rel=1e-6)


def test_games_howell_of_two_groups_is_welchs_test(panel_of):
    two = {name: GROUPS[name] for name in ("passive", "promoter")}
    row = games_howell(sample_of(panel_of, two), list(two)).iloc[0]
    low, high, p_value, _ = welch(moments(two["promoter"]), moments(two["passive"]))
    found = [row["conf_low"], row["conf_high"], row["p_value"]]
    assert found == pytest.approx([low, high, p_value], rel=1e-6)


def test_games_howell_has_the_pairs_of_holm(panel_of):
    sample, labels = sample_of(panel_of, GROUPS), list(GROUPS)
    ours, holm = games_howell(sample, labels), pairwise(sample, labels)
    assert ours["contrast"].tolist() == holm["contrast"].tolist()
    assert ours["estimate"].to_numpy() == pytest.approx(holm["estimate"].to_numpy(dtype=float))
    assert (ours["p_value"] > holm["p_value"].astype(float)).all()


@pytest.mark.parametrize(
    ("groups", "columns"),
    [
        (GROUPS, {"weight": np.repeat([1.0, 2.0, 1.0], [30, 60, 45])}),
        (GROUPS, {"cluster": np.arange(135) // 2}),
        (GROUPS | {"passive": np.ones(60)}, {}),
        ({"passive": GROUPS["passive"]}, {}),
    ],
)
def test_games_howell_is_refused_where_it_does_not_apply(panel_of, groups, columns):
    with pytest.raises(ModelError, match="Games-Howell does not apply"):
        games_howell(sample_of(panel_of, groups, **columns), list(groups))


def test_the_pairs_of_an_amount_carry_games_howell(panel_of):
    panel = panel_of(customers(300), {"spend": "amount", "retained": "yes_no"})
    table = compare_groups(panel, "spend").pairwise
    alone = games_howell(take_sample(panel, "spend"), ["detractor", "passive", "promoter"])
    assert table["p_games_howell"].tolist() == pytest.approx(alone["p_value"].tolist())
    assert compare_groups(panel, "retained").pairwise["p_games_howell"].isna().all()
