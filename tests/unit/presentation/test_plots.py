"""Pictures carry their claim and an alternative text; what cannot be drawn is not."""

import base64
from dataclasses import replace

import pytest
from panels import customers

import cxroi as cx
from cxroi.errors import ModelError
from cxroi.presentation.figures import Picture, one_chart


@pytest.fixture(scope="module")
def analysis():
    return cx.analyse(cx.build_panel(cx.read_tables(cx.load_study(cx.demo_study()))))


PICTURES = (
    cx.plots.score_shares,
    cx.plots.group_means,
    cx.plots.ladder,
    cx.plots.survival_curves,
    cx.plots.roi_distribution,
    cx.plots.tornado,
    cx.plots.roi_grid,
)


@pytest.mark.parametrize("draw", PICTURES, ids=lambda draw: draw.__name__)
def test_a_picture_shows_itself_with_an_alternative_text(analysis, draw):
    picture = draw(analysis)
    data, metadata = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == picture.alt
    assert data["text/plain"] == f"[figure] {picture.alt}"
    assert len(picture.alt) > 40


def test_the_means_drawn_are_those_of_the_comparison(analysis):
    picture = cx.plots.group_means(analysis, "spend")
    drawn = [line.get_xdata()[0] for line in picture.axes[0].lines if line.get_marker() == "o"]
    assert drawn == [mean.estimate for mean in analysis.comparisons["spend"].means]


def test_the_mirror_image_of_retention_is_drawn_only_when_asked_for(analysis):
    titles = [axes.get_title(loc="left") for axes in cx.plots.group_means(analysis).axes]
    assert "Retained" in titles
    assert "Churned" not in titles
    assert len(cx.plots.group_means(analysis, "churned").axes) == 1


def test_a_dollar_sign_is_a_dollar_sign():
    """Two of them in a text would be mathematics, and `$x^$` not even that."""
    with one_chart("Spend of $0-$49 and $x^$") as (figure, axes):
        axes.plot([0, 1], ["$x^$", "b"])
    assert Picture(figure, "Two segments")._repr_mimebundle_()[0]["image/png"]


def test_what_cannot_be_drawn_is_refused_in_words(panel_of):
    analysis = cx.analyse(panel_of(customers(300), {"spend": "amount"}))
    for draw in (cx.plots.survival_curves, cx.plots.roi_distribution):
        with pytest.raises(ModelError, match="the analysis has no"):
            draw(analysis)
    with pytest.raises(ModelError, match="no outcome has an adjusted gap"):
        cx.plots.ladder(replace(analysis, regressions={}))
