"""Where the lines of charts go."""

import pytest

from shared.web.charts import Axis, radar, scale, steps


def points(text: str) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in text.split()]  # type: ignore[misc]


def test_a_radar_goes_clockwise_from_the_top_and_never_out_of_its_rings() -> None:
    chart = radar([Axis("a", 5, 2.6), Axis("b", 0, 2.6), Axis("c", 9, 2.6), Axis("d", 2.5, 2.6)], 5, 200, 200)
    assert points(chart.shape) == [(100, 28), (100, 100), (100, 172), (64, 100)]
    assert points(chart.rings[-1]) == [(100, 28), (172, 100), (100, 172), (28, 100)]
    assert len(points(chart.target)) == 4
    assert [(name.lines, name.anchor) for name in chart.names] == [
        (("a",), "middle"),
        (("b",), "start"),
        (("c",), "middle"),
        (("d",), "end"),
    ]


def test_a_long_name_stands_on_two_lines_away_from_the_middle() -> None:
    names = (
        "Layanan administrasi",
        "Kepuasan pengguna",
        "Keterpaduan layanan",
        "Satu dua tiga empat lima enam",
    )
    top, right, down, left = radar([Axis(name, 1) for name in names], 5, 280, 210).names
    assert top.lines == ("Layanan", "administrasi")
    assert left.lines == ("Satu dua tiga", "empat lima…")
    assert (top.y + 13 < 28, right.y, down.y > 182) == (True, left.y, True)


def test_a_target_is_drawn_only_where_every_axis_has_one() -> None:
    assert radar([Axis("a", 1), Axis("b", 1, 2), Axis("c", 1)], 5).target == ""


def test_two_axes_are_no_radar() -> None:
    with pytest.raises(ValueError, match="three axes, not 2"):
        radar([Axis("a", 1), Axis("b", 1)], 5)


def test_a_value_lies_in_its_band() -> None:
    chart = scale(2.95, [("Kurang", 1.8), ("Cukup", 2.6), ("Baik", 3.5), ("Memuaskan", 5)], low=1)
    assert [(band.text, band.x, band.width) for band in chart.bands] == [
        ("Kurang", 0, 19.7),
        ("Cukup", 20, 19.7),
        ("Baik", 40, 22.2),
        ("Memuaskan", 62.5, 37.2),
    ]
    assert chart.bands[2].x < chart.at < chart.bands[3].x
    assert (scale(0, [("a", 5)], 1).at, scale(9, [("a", 5)], 1).at) == (0, 100)


def test_a_line_goes_up_where_something_came_and_on_to_the_end() -> None:
    line = steps([(0.0, 1), (0.5, 4)], 4, width=640, height=200)
    assert line.points == "48.0,188.0 48.0,188.0 48.0,144.0 314.0,144.0 314.0,12.0 580.0,12.0"
    assert line.end == (580.0, 12.0)
    assert [value for _, value in line.grid] == [0, 1, 2, 3, 4]
    assert steps([], 0).grid == ((188, 0),)
