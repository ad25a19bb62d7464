"""Pictures carry their claim and an alternative text; what cannot be drawn is not."""

import base64

import pytest

import cxroi as cx


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
