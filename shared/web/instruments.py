"""An edition on pages: its texts in the reader's language, its parts as a radar, its bands as a scale."""

from collections.abc import Iterator, Mapping

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from shared.instrument import Band, Edition, LocalizedText, Node, Scale, in_language
from shared.instrument.model import Evidence, Level
from shared.web import charts
from shared.web.formats import locale, number

# Names for the ends of a radar's axes. They stand here and not in the editions, whose content is hashed and signed
# for ever; a name that is not here is broken and cut.
_SHORT: Mapping[str, LazyString] = {
    "Data": lazy_gettext("Data"),
    "Keamanan Pemdi": lazy_gettext("Security"),
    "Kebijakan Internal Layanan SPBE": lazy_gettext("Service policy"),
    "Kebijakan Internal Tata Kelola SPBE": lazy_gettext("Policy"),
    "Kelembagaan": lazy_gettext("Institutions"),
    "Kepuasan Pengguna Layanan Digital Pemerintah": lazy_gettext("User satisfaction"),
    "Keterpaduan Layanan Digital Pemerintah": lazy_gettext("Joined-up services"),
    "Layanan Administrasi Pemerintahan Berbasis Elektronik": lazy_gettext("Internal services"),
    "Layanan Publik Berbasis Elektronik": lazy_gettext("Public services"),
    "Pelaksanaan Audit TIK": lazy_gettext("Audit"),
    "Penerapan Manajemen SPBE": lazy_gettext("Management"),
    "Penyelenggara": lazy_gettext("Organisation"),
    "Penyelenggara SPBE": lazy_gettext("Organisation"),
    "Perencanaan Strategis SPBE": lazy_gettext("Planning"),
    "Strategi dan Perencanaan": lazy_gettext("Planning"),
    "Tata Kelola dan Manajemen": lazy_gettext("Governance"),
    "Teknologi Informasi dan Komunikasi": lazy_gettext("ICT"),
    "Teknologi Pemdi": lazy_gettext("Technology"),
}


def said(text: LocalizedText | None) -> str:
    """A text of an edition in the reader's language, or in the one that it has."""
    return in_language(
        text, locale().language
    )  # which is known for the request: pages say thousands of texts


def window(kind: Evidence) -> str:
    """When a kind of evidence counts, in words; empty where it always does."""
    age, covers, after = kind.max_age_years, kind.covers_years, kind.years_after_review
    parts = [
        age and ngettext("less than %(num)d year old", "less than %(num)d years old", age),
        covers and ngettext("for the last year", "for each of the last %(num)d years", covers),
        after
        and ngettext(
            "at most %(num)d year after the review", "at most %(num)d years after the review", after
        ),
    ]
    return ", ".join(str(part) for part in parts if part)


def span(scale: Scale, level: Level) -> str:
    """Which values belong to a level of a range, in words; empty where it does not say."""
    if level.at_least is None:
        return ""
    low = number(str(level.at_least), 2)
    edges = [one.at_least for one in scale.levels if one.at_least is not None]
    above = [edge for edge in edges if edge > level.at_least]
    if above:
        return str(gettext("%(low)s to below %(high)s", low=low, high=number(str(min(above)), 2)))
    return str(gettext("%(low)s to %(high)s", low=low, high=number(str(scale.highest), 2)))


def titled(scale: Scale, level: Level) -> str:
    """A level by its number and its name, in a range with the values that belong to it."""
    values = span(scale, level)
    return f"{level.value} · {said(level.name)}" + (f" ({values})" if values else "")


def groups(edition: Edition) -> Iterator[Node]:
    """The lowest nodes that hold indicators, in the edition's order."""
    return (node for node in edition.walk() if any(not child.children for child in node.children))


def lowest(edition: Edition) -> float:
    """Where the scale of the index begins."""
    return min(float(scale.lowest) for scale in edition.scales)


def highest(edition: Edition) -> float:
    """Where the scale of the index ends."""
    return max((float(scale.highest) for scale in edition.scales), default=5.0)


def radar(edition: Edition, values: Mapping[str, float]) -> charts.Radar | None:
    """The parts of the index as a radar, by their codes; None where there are fewer than three."""
    target = float(edition.targets.indicator) if edition.targets.indicator is not None else None
    axes = [charts.Axis(_short(node.name), values[node.code], target) for node in groups(edition)]
    return charts.radar(axes, highest(edition)) if len(axes) >= 3 else None


def rising(edition: Edition) -> list[Band]:
    """The bands of an edition, the lowest first."""
    return sorted(edition.bands, key=lambda band: _end(edition, band))


def scale(edition: Edition, index: float) -> charts.Scale:
    """An index on the bands of its edition."""
    bounds = [(said(band.name), _end(edition, band)) for band in rising(edition)]
    return charts.scale(index, bounds, lowest(edition))


def reach(band: Band, digits: int) -> str:
    """From where to where a band goes, in words."""
    ends = [
        (band.at_least, gettext("from %(bound)s")),
        (band.above, gettext("more than %(bound)s")),
        (band.below, gettext("less than %(bound)s")),
        (band.at_most, gettext("up to %(bound)s")),
    ]
    return ", ".join(text % {"bound": number(str(end), digits)} for end, text in ends if end is not None)


def _end(edition: Edition, band: Band) -> float:
    ends = [float(end) for end in (band.below, band.at_most) if end is not None]
    return min(ends, default=highest(edition))


def share(edition: Edition, indicator: Node) -> float:
    """How much of the whole index an indicator makes up, in hundredths."""
    return float(100 * indicator.weight / edition.weight)


def _short(name: LocalizedText) -> str:
    """A name for the end of an axis, in the reader's language."""
    short = _SHORT.get(name.get("id", ""))
    return said(name) if short is None else str(short)
