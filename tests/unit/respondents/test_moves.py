import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine
from scipy import stats
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.stats.proportion import proportion_confint

from cxroi.errors import ModelError, ScarceDataError, StudyError
from cxroi.respondents.moves import count_moves, moves_sentence

GROUPS = ("detractor", "passive", "promoter")
# Customers by group in the first wave (rows) and in the second (columns).
TABLE = np.array([[30, 20, 10], [15, 45, 40], [8, 32, 60]])


def customers(table=TABLE, waves=("2026Q1", "2026Q2"), start=0):
    """Two rows a customer: the groups that the table counts."""
    rows = []
    for i, j in np.ndindex(table.shape):
        for _ in range(table[i, j]):
            name = f"c{start + len(rows)}"
            rows.append((name, waves[0], GROUPS[i]))
            rows.append((name, waves[1], GROUPS[j]))
    frame = pd.DataFrame(rows, columns=["customer", "wave", "group"])
    return frame.assign(spend_after=0.0)


def named(estimates, name):
    return next(e for e in estimates if e.name == name)


def three_waves(n=400, seed=3):
    rng = np.random.default_rng(seed)
    lasting = rng.normal(size=n)
    frames = []
    for wave in ("2026Q1", "2026Q2", "2026Q3"):
        answered = rng.random(n) < 0.7
        group = np.digitize(lasting + rng.normal(size=n), [-1, 0.3])
        frames.append(
            pd.DataFrame(
                {
                    "customer": [f"c{i}" for i in range(n)],
                    "wave": wave,
                    "group": np.array(GROUPS)[group],
                    "spend_after": rng.gamma(2, 10 + 5 * group),
                    "weight": rng.choice([1.0, 2.0, 4.0], n),
                }
            )[answered]
        )
    return pd.concat(frames).sample(frac=1, random_state=seed)


def pairs_by_merge(frame):
    """Pair answers in another way: each wave merged with the next."""
    waves = sorted(frame["wave"].unique())
    parts = [
        frame[frame["wave"] == a].merge(
            frame[frame["wave"] == b], on="customer", suffixes=("", "2")
        )
        for a, b in itertools.pairwise(waves)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(params=["memory", "engine"])
def moves_of(panel_of, request):
    def make(frame, segment="", kinds=None, **study):
        panel = panel_of(frame, kinds or {"spend": "amount"}, **study)
        if request.param == "engine":
            panel = in_engine(panel)
            panel.__dict__["frame"] = None  # no row may be fetched
        return count_moves(panel, segment)

    return make


def test_shares_are_those_of_the_table_with_wilsons_interval(moves_of):
    moves = moves_of(customers())
    assert len(moves.transitions) == 9
    for i, j in np.ndindex(3, 3):
        found = named(moves.transitions, f"moves.{GROUPS[i]}.{GROUPS[j]}")
        low, high = proportion_confint(TABLE[i, j], TABLE[i].sum(), method="wilson")
        assert (found.estimate, found.n) == (TABLE[i, j] / TABLE[i].sum(), TABLE[i].sum())
        assert (found.conf_low, found.conf_high) == pytest.approx((low, high), rel=1e-12)
        assert (found.term, found.contrast) == (GROUPS[j], "")
        assert found.unit == "share of customers"


def test_wilsons_interval_of_nobody_is_the_one_by_hand(moves_of):
    # Wilson for 0 of n: from 0 to z² / (n + z²).
    moves = moves_of(customers(np.array([[30, 0, 0], [0, 40, 0], [0, 0, 50]])))
    found = named(moves.transitions, "moves.passive.promoter")
    z2 = 1.959963984540054**2
    assert (found.conf_low, found.conf_high) == pytest.approx((0.0, z2 / (40 + z2)), rel=1e-12)
    assert found.conf_low == 0.0
    stayed = named(moves.transitions, "moves.passive.passive")
    assert (stayed.conf_low, stayed.conf_high) == pytest.approx((40 / (40 + z2), 1.0), rel=1e-12)


def test_pairs_are_of_neighbouring_waves_whatever_the_order_of_rows(moves_of):
    frame = three_waves()
    merged = pairs_by_merge(frame)
    moves = moves_of(frame)
    counted = pd.crosstab(merged["group"], merged["group2"])
    assert (moves.waves, moves.pairs) == (("2026Q1", "2026Q2", "2026Q3"), len(merged))
    for origin in GROUPS:
        for to in GROUPS:
            found = named(moves.transitions, f"moves.{origin}.{to}")
            assert found.n == counted.loc[origin].sum()
            sub = merged[merged["group"] == origin]
            mean = np.average(sub["group2"] == to, weights=sub["weight"])
            assert found.estimate == pytest.approx(mean, rel=1e-12)
    for wave in ("2026Q2", "2026Q3"):
        part = merged[(merged["wave2"] == wave) & (merged["group"] == "passive")]
        found = named(moves.by_wave, f"moves.passive.promoter.{wave}")
        assert found.n == len(part)
        mean = np.average(part["group2"] == "promoter", weights=part["weight"])
        assert found.estimate == pytest.approx(mean, rel=1e-12)


def test_a_wave_left_out_makes_no_pair(moves_of):
    both = pd.concat(
        [customers(), customers(np.full((3, 3), 40), ("2026Q2", "2026Q3"), start=10_000)]
    )
    gone = customers(np.full((3, 3), 50), ("2026Q1", "2026Q3"), start=50_000)
    assert moves_of(pd.concat([both, gone])).pairs == moves_of(both).pairs == TABLE.sum() + 360


@pytest.mark.parametrize("weighted", [False, True])
def test_interval_of_repeated_customers_is_that_of_a_clustered_logit(moves_of, weighted):
    frame = three_waves()
    if not weighted:
        frame["weight"] = 1.0
    merged = pairs_by_merge(frame)
    merged = merged[merged["group"] == "passive"].reset_index(drop=True)
    assert merged["customer"].duplicated().any()
    found = named(moves_of(frame).transitions, "moves.passive.promoter")
    hit = (merged["group2"] == "promoter").astype(float)
    model = GEE(
        hit,
        np.ones((len(hit), 1)),
        groups=merged["customer"],
        family=Binomial(),
        cov_struct=Independence(),
        weights=merged["weight"],
    ).fit()
    units = merged["customer"].nunique()
    eta = float(model.params.iloc[0])
    half = 1.959963984540054 * float(model.bse.iloc[0]) * np.sqrt(units / (units - 1))
    expected = 1 / (1 + np.exp(-np.array([eta - half, eta + half])))
    assert (found.conf_low, found.conf_high) == pytest.approx(tuple(expected), rel=1e-6)


def test_scaled_weights_move_nothing(moves_of):
    frame = three_waves()
    a, b = moves_of(frame), moves_of(frame.assign(weight=1000 * frame["weight"]))
    for one, other in zip(
        (*a.transitions, *a.outcomes), (*b.transitions, *b.outcomes), strict=True
    ):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-10)
        assert one.conf_low == pytest.approx(other.conf_low, rel=1e-8, abs=1e-12)


def test_a_group_under_thirty_is_suppressed(moves_of):
    table = TABLE.copy()
    table[0] = [10, 10, 9]
    moves = moves_of(customers(table))
    for to in GROUPS:
        found = named(moves.transitions, f"moves.detractor.{to}")
        assert found.estimate is None
        assert "under 30" in found.note
    assert named(moves.transitions, "moves.passive.promoter").estimate == 0.4


def spending():
    """Passives whose spend after the first and the second answer is drawn."""
    rng = np.random.default_rng(5)
    frame = customers(np.array([[30, 5, 5], [35, 60, 50], [5, 5, 30]]))
    frame["spend_after"] = rng.gamma(2.0, 20.0, len(frame)).round(2)
    frame["retained_after"] = (rng.random(len(frame)) < 0.8).astype(float)
    return frame


def test_change_of_the_movers_is_the_paired_one(moves_of):
    frame = spending()
    moves = moves_of(frame, kinds={"spend": "amount", "retained": "yes_no"})
    merged = pairs_by_merge(frame)
    changes = {}
    for who, to in (("moved", "promoter"), ("stayed", "passive"), ("fell", "detractor")):
        part = merged[(merged["group"] == "passive") & (merged["group2"] == to)]
        change = changes[who] = part["spend_after2"] - part["spend_after"]
        found = named(moves.outcomes, f"moves.spend.{who}.change")
        assert found.estimate == pytest.approx(change.mean(), rel=1e-10)
        assert found.std_error == pytest.approx(change.sem(), rel=1e-10)
        assert found.n == len(part)
        for when, column in (("first", "spend_after"), ("second", "spend_after2")):
            mean = named(moves.outcomes, f"moves.spend.{who}.{when}")
            assert mean.estimate == pytest.approx(part[column].mean(), rel=1e-10)
            assert mean.std_error == pytest.approx(part[column].sem(), rel=1e-10)
        kept = named(moves.outcomes, f"moves.retained.{who}.second")
        low, high = proportion_confint(part["retained_after2"].sum(), len(part), method="wilson")
        assert (kept.conf_low, kept.conf_high) == pytest.approx((low, high), rel=1e-10)
    gap = named(moves.outcomes, "moves.spend.moved_minus_stayed")
    a, b = changes["moved"], changes["stayed"]
    assert gap.estimate == pytest.approx(a.mean() - b.mean(), rel=1e-10)
    # The variance of each side with divisor n, and one factor G / (G - 1) for both together.
    both = len(a) + len(b)
    error = np.sqrt((a.var(ddof=0) / len(a) + b.var(ddof=0) / len(b)) * both / (both - 1))
    assert gap.std_error == pytest.approx(error, rel=1e-10)
    assert gap.conf_high == pytest.approx(gap.estimate + 1.959963984540054 * error, rel=1e-10)
    assert "regression to the mean" in gap.note
    assert "association" in gap.note


def test_too_few_movers_say_nothing_of_outcomes(moves_of):
    moves = moves_of(customers(np.array([[30, 5, 5], [35, 60, 12], [5, 5, 30]])))
    for name in ("moved.first", "moved.second", "moved.change", "moved_minus_stayed"):
        found = named(moves.outcomes, f"moves.spend.{name}")
        assert found.estimate is None
        assert "under 30" in found.note
    assert named(moves.outcomes, "moves.spend.stayed.change").estimate is not None


def test_segments_split_the_origin_and_small_ones_are_left_out(moves_of):
    frame = customers()
    first = frame.drop_duplicates("customer")
    passive = first[first["group"] == "passive"]["customer"].to_list()
    region = dict.fromkeys(passive[:40], "north") | dict.fromkeys(passive[40:90], None)
    region |= dict.fromkeys(passive[90:], "west")
    frame["attr_region"] = frame["customer"].map(lambda c: region.get(c, "south"))
    moves = moves_of(frame, "region")
    table = moves.by_segment
    assert list(table["segment"].unique()) == ["(missing)", "north"]
    arrived = frame.drop_duplicates("customer", keep="last").set_index("customer")["group"]
    for level, members in (("north", passive[:40]), ("(missing)", passive[40:90])):
        row = table[(table["segment"] == level) & (table["to"] == "promoter")].iloc[0]
        hits = (arrived[members] == "promoter").sum()
        assert (row["share"], row["n"]) == (pytest.approx(hits / len(members)), len(members))
        low, high = proportion_confint(hits, len(members), method="wilson")
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high))
    assert any("1 levels under 30" in note for note in moves.notes)
    assert "west" not in str(moves.notes)


def test_unknown_segment_is_named_with_the_nearest(moves_of):
    with pytest.raises(StudyError, match=r"no attribute 'regoin'.*Did you mean 'region'"):
        moves_of(customers().assign(attr_region="north"), "regoin")


def test_notes_count_answers_without_a_next_one(moves_of):
    once = customers(np.full((3, 3), 20), start=90_000).query("wave == '2026Q1'")
    moves = moves_of(pd.concat([customers(), once]))
    assert "100 of the 160 answers in 'passive' before" in moves.notes[0]


def test_a_single_wave_is_refused(moves_of):
    with pytest.raises(ModelError, match="only wave up to here is 2026Q1"):
        moves_of(customers().query("wave == '2026Q1'"))


def test_undated_answers_are_refused(moves_of):
    with pytest.raises(ModelError, match="have no dates"):
        moves_of(customers().drop(columns="wave").drop_duplicates("customer"))


def test_few_customers_who_answered_twice_are_refused(moves_of):
    with pytest.raises(ScarceDataError, match="29 customers of group 'passive'"):
        moves_of(customers(np.array([[40, 0, 0], [9, 10, 10], [0, 0, 40]])))
    assert moves_of(customers(np.array([[40, 0, 0], [10, 10, 10], [0, 0, 40]]))).pairs == 110


def test_sentence_gives_both_ways_and_the_assumption(panel_of):
    panel = panel_of(customers(), {"spend": "amount"}, scenario={"share_moved": 0.1})
    text = moves_sentence(count_moves(panel), panel.study)
    # Wilson by hand for 40 of 100 and 32 of 100: 30.9 to 49.8 and 23.7 to 41.7 per cent.
    assert "40.0 % (30.9 % to 49.8 %) of customers in 'passive' became 'promoter'" in text
    assert "32.0 % (23.7 % to 41.7 %) of those in 'promoter' became 'passive'" in text
    assert "the scenario assumes that 10.0 % more move because of it" in text


def test_sentence_without_a_scenario_assumes_nothing(panel_of):
    panel = panel_of(customers(), {"spend": "amount"})
    text = moves_sentence(count_moves(panel), panel.study)
    assert "assumes" not in text
    assert "40.0 %" in text


def test_evidence_is_the_pooled_transition(moves_of):
    moves = moves_of(three_waves())
    assert moves.share_moved_evidence == named(moves.transitions, "moves.passive.promoter")
    assert len(moves.tidy()) == len(moves.transitions) + len(moves.outcomes)


def test_a_panel_of_one_quarter_takes_the_moves_into_it(demo_panels):
    whole, quarter = demo_panels
    moves, every = count_moves(quarter), count_moves(whole)
    assert moves.waves == ("2026Q2", "2026Q3")
    for found in moves.transitions:
        same = named(every.by_wave, f"{found.name}.2026Q3")
        assert (found.estimate, found.conf_low, found.n) == (same.estimate, same.conf_low, same.n)
        [again] = [e for e in moves.by_wave if e.name == same.name]
        assert (again.estimate, again.conf_low, again.n) == (same.estimate, same.conf_low, same.n)


@pytest.fixture(scope="module", params=["rows", "engine"])
def demo_panels(request):
    from pathlib import Path

    import cxroi as cx

    study = cx.load_study(Path(__file__).parents[3] / "data/demo/study.toml")
    tables = cx.read_tables(replace(study, fits=request.param))
    return cx.build_panel(tables), cx.build_panel(tables, "2026Q3")


def with_accounts(frame, accounts=60):
    number = frame["customer"].str[1:].astype(int)
    return frame.assign(cluster=number // 2 % accounts)


def test_declared_clusters_are_named_and_have_students_interval(moves_of):
    frame = spending()
    merged = pairs_by_merge(with_accounts(frame))
    part = merged[(merged["group"] == "passive") & (merged["group2"] == "passive")]
    change = part["spend_after2"] - part["spend_after"]
    moves = moves_of(with_accounts(frame))
    found = named(moves.outcomes, "moves.spend.stayed.change")
    sizes = part["cluster"].value_counts()
    effective = sizes.sum() ** 2 / (sizes**2).sum()
    summed = (change - change.mean()).groupby(part["cluster"]).sum() / len(part)
    error = np.sqrt((summed**2).sum() * len(sizes) / (len(sizes) - 1))
    assert found.std_error == pytest.approx(error)
    half = stats.t(effective - 1).ppf(0.975) * error
    assert (found.conf_low, found.conf_high) == pytest.approx(
        (change.mean() - half, change.mean() + half)
    )
    assert found.method == (
        f"paired change, Student interval with {effective:.0f} effective clusters from influence "
        "values summed per cluster"
    )
    assert "logit Student interval" in named(moves.transitions, "moves.passive.promoter").method
    with pytest.raises(ScarceDataError, match="20 clusters of group 'passive'"):
        moves_of(with_accounts(frame, 20))


def test_leaving_by_cancellation_is_not_followed(demo_panels):
    """Whoever answers twice has not left between: the first figure is 1 by construction."""
    moves = count_moves(demo_panels[0])
    followed = {estimate.name.split(".")[1] for estimate in moves.outcomes}
    assert {"spend", "orders", "repeat_purchase"} <= followed
    assert not followed & {"retained", "churned"}
    assert any("say nothing of staying or leaving" in note for note in moves.notes)


def test_retention_that_is_no_cancellation_is_followed(moves_of):
    moves = moves_of(spending(), kinds={"spend": "amount", "retained": "yes_no"})
    assert named(moves.outcomes, "moves.retained.stayed.first").estimate < 1
    assert not any("staying or leaving" in note for note in moves.notes)
