"""What figures draw is what the csv beside them holds."""

from pathlib import Path

import pandas as pd
import pytest

from evals.render.drawing import Drawing
from evals.reports import answer_figures, figures


def frame_of(made: Path, name: str) -> pd.DataFrame:
    """The csv beside a figure."""
    return pd.read_csv(made / "figures" / f"{name}.csv", keep_default_na=False, na_values={"climbed": ""})


def points(drawing: Drawing, panel: int, across: bool = True) -> list[float]:
    """Where the points of one panel stand, without lines that mark a place."""
    lines = [line for line in drawing.figure.axes[panel].lines if line.get_marker() in set("osD^vP")]
    return [float(value) for line in lines for value in (line.get_xdata() if across else line.get_ydata())]


def ends(drawing: Drawing, panel: int, across: bool = True) -> list[tuple[float, float]]:
    """The ends of the bars of one panel."""
    place = 0 if across else 1
    bars = [bar for found in drawing.figure.axes[panel].collections for bar in found.get_segments()]
    return [(float(bar[0][place]), float(bar[1][place])) for bar in bars]


@pytest.mark.parametrize(("panel", "measure"), [(0, "accuracy"), (1, "mae_code")])
def test_methods_are_drawn_as_they_stand(made: Path, panel: int, measure: str) -> None:
    frame = frame_of(made, "methods")
    drawing = figures.draw_methods(frame)

    assert points(drawing, panel) == pytest.approx(frame[measure].tolist())
    drawn = ends(drawing, panel)
    assert [low for low, _ in drawn] == pytest.approx(frame[f"{measure}_low"].tolist())
    assert [high for _, high in drawn] == pytest.approx(frame[f"{measure}_high"].tolist())
    rungs = [line.get_xdata()[0] for line in drawing.figure.axes[panel].lines if line.get_marker() == "None"]
    by_graph = frame.set_index("graph")[measure]
    assert rungs == pytest.approx([by_graph["country_mode"], by_graph["ridge"]])


def test_the_radar_closes_over_the_dimensions(made: Path) -> None:
    frame = frame_of(made, "radar")
    drawing = figures.draw_radar(frame.assign(accuracy=pd.to_numeric(frame["accuracy"])))

    assert drawing is not None
    [panel] = drawing.figure.axes
    drawn = [[float(value) for value in line.get_ydata()] for line in panel.lines]
    for values, (_, own) in zip(drawn, frame.groupby(["run", "model", "graph", "variant"], sort=False), strict=True):
        assert values[0] == values[-1] and sorted(values[:-1]) == pytest.approx(sorted(own["accuracy"]))


def test_too_few_dimensions_make_no_radar() -> None:
    lines = [
        {"run": "r", "model": "m", "graph": "valuesim", "variant": "full", "dimension": name, "accuracy": 0.5}
        for name in ("core", "trust", "overall")
    ]

    assert figures.draw_radar(pd.DataFrame(lines)) is None


def test_agreement_is_drawn_as_it_is(made: Path) -> None:
    frame = frame_of(made, "agreement")
    drawing = answer_figures.draw_agreement(frame)

    assert drawing is not None and set(frame["decided_by"]) == {"unanimous", "coordinator", ""}
    assert points(drawing, 0) == pytest.approx(frame["share"].tolist())
    assert points(drawing, 1) == pytest.approx(frame["accuracy"].tolist())
    assert [low for low, _ in ends(drawing, 1)] == pytest.approx(frame["accuracy_low"].tolist())


def test_distributions_are_drawn_as_they_are(made: Path) -> None:
    frame = frame_of(made, "distributions")
    drawing = answer_figures.draw_distributions(frame)

    assert drawing is not None
    for panel, (_, own) in zip(drawing.figure.axes, frame.groupby("item", sort=False), strict=True):
        widths = [bar.get_width() for bar in panel.patches]
        assert widths == pytest.approx([*own["real"], *own["simulated"]])


def test_the_curve_of_sizes_runs_from_the_smallest_to_the_largest() -> None:
    lines = [
        {
            "run": "r",
            "model": "m",
            "graph": "valuesim",
            "variant": f"profile_{size}",
            "accuracy": value,
            "mae_code": 1 - value,
        }
        | {f"{name}_{end}": value for name in ("accuracy", "mae_code") for end in ("low", "high")}
        for size, value in ((232, 0.6), (58, 0.5), (0, 0.4), (116, 0.55))
    ]
    drawing = figures.draw_scale(pd.DataFrame(lines))

    assert drawing is not None and figures.draw_scale(pd.DataFrame(lines[:1])) is None
    [line] = [line for line in drawing.figure.axes[0].lines if line.get_marker() == "o"]
    assert list(line.get_xdata()) == [0, 58, 116, 232] and list(line.get_ydata()) == [0.4, 0.5, 0.55, 0.6]


def test_gaps_are_drawn_with_their_intervals() -> None:
    line = {"run": "r", "model": "$m$", "graph": "valuesim", "variant": "full", "by": "sex", "high_group": "$a$"}
    line |= {"low_group": "b"}
    frame = pd.DataFrame([line | {"gap": 0.1, "gap_low": -0.05, "gap_high": 0.2}])
    drawing = figures.draw_gaps(frame)

    assert drawing is not None and figures.draw_gaps(frame.iloc[:0]) is None
    assert points(drawing, 0) == [0.1] and ends(drawing, 0) == [pytest.approx((-0.05, 0.2))]
    assert "sex $a$ - b</text>" in drawing.svg()  # no formula
