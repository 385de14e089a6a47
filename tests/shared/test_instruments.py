"""An edition on pages: the names at a radar's axes, and what an indicator weighs."""

import pytest

from shared.instrument import shipped, shipped_ids
from shared.web.instruments import groups, radar, share


@pytest.mark.parametrize("id", shipped_ids())
def test_names_at_the_axes_of_a_radar_are_short_and_whole(id: str) -> None:
    edition = shipped(id)
    chart = radar(edition, {node.code: 1.0 for node in groups(edition)})
    assert chart
    lines = [name.lines for name in chart.names]
    assert len({*lines}) == len(lines) == len(list(groups(edition)))
    for words in lines:
        assert len(words) <= 2
        assert all(len(line) <= 13 and "…" not in line for line in words), words


@pytest.mark.parametrize("id", shipped_ids())
def test_the_shares_of_all_indicators_are_the_whole_index(id: str) -> None:
    edition = shipped(id)
    shares = [share(edition, node) for node in edition.indicators]
    assert min(shares) > 0
    assert sum(shares) == pytest.approx(100)
