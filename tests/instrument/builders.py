"""The published cases, and a small edition to bend and break, as the text that a person would write."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import yaml

from shared.instrument import Edition, load

_PUBLISHED: Final = Path(__file__).parents[2] / "deploy" / "demo" / "published-cases.yaml"
CASES: Final[dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load(_PUBLISHED.read_text("utf-8"))["cases"]
}

SMALL = """\
id: small-1
title: {id: Kecil, en: Small}
regulation: Regulation 1
guide_version: Guide 1
weight: 100
tiers:
  - {key: part, name: {id: Bagian, en: Part}}
  - {key: indicator, name: {id: Indikator, en: Indicator}}
scales:
  - key: steps
    name: {id: Tangga, en: Steps}
    levels:
      - {value: 1, name: {id: Satu, en: One}}
      - {value: 2, name: {id: Dua, en: Two}}
      - {value: 3, name: {id: Tiga, en: Three}}
  - key: line
    name: {id: Garis, en: Line}
    range: {at_least: "1.00", at_most: "3.00"}
bands:
  - {name: {id: Tinggi, en: High}, at_least: "2.5", at_most: "3"}
  - {name: {id: Sedang, en: Middle}, at_least: "1.5", below: "2.5"}
  - {name: {id: Rendah, en: Low}, below: "1.5"}
rounding: {digits: 2, mode: half-up, band_looks_at: exact}
activities:
  - key: monitoring
    name: {id: Pemantauan, en: Monitoring}
    stages:
      - {code: self, name: {id: Mandiri, en: Self}}
      - {code: document, name: {id: Dokumen, en: Document}}
  - key: evaluation
    name: {id: Evaluasi, en: Evaluation}
    stages:
      - {code: self, name: {id: Mandiri, en: Self}}
      - {code: visit, name: {id: Visitasi, en: Visit}, optional: true}
targets: {index: "2.5", indicator: 2}
crosswalk:
  edition: small-0
  codes: {"1": ["7"]}
nodes:
  - code: P1
    name: {id: Bagian satu, en: Part one}
    weight: "30"
    scale: steps
    children:
      - {code: "1", name: {id: Pertama, en: First}, weight: 10}
      - {code: "2", name: {id: Kedua, en: Second}, weight: 40/2}
  - code: P2
    name: {id: Bagian dua, en: Part two}
    weight: "70"
    children:
      - {code: "3", name: {id: Ketiga, en: Third}, weight: "69.5", scale: line}
      - {code: "4-1", name: {id: Keempat, en: Fourth}, weight: "0.50", scale: steps}
"""

_INDICATORS = """\
name: {id: Pertama, en: First}, weight: 10, agency_subject: true,
       question: {id: Apa?, en: What?},
       criteria: [
         {level: 1, conditions: [{code: 1.1.a, text: {id: Ada., en: It is there.}}]},
         {level: 2, cumulative: true, conditions: [{code: 1.2.a, text: {id: Baik., en: It is good.}}]},
         {level: 3, cumulative: true, note: {id: Dibaca begini., en: Read like this.},
          conditions: [{code: 1.3.a, text: {id: Dijaga., en: It is kept.}}]}],
       evidence: [
         {text: {id: Foto, en: A photograph}},
         {text: {id: Dokumen, en: A document}, level: 2, max_age_years: 2},
         {text: {id: Anggaran, en: Budgets}, level: 3, covers_years: 3},
         {text: {id: Aturan, en: Rules}, level: 3, years_after_review: 1}],
       often_missing: [{id: Tanggal., en: The date.}]}
      - {code: "2", name: {id: Kedua, en: Second}, weight: 40/2,
         question: {id: Siapa?, en: Who?},
         criteria: [
           {level: 2, conditions: [{code: 2.2.a, text: {id: Kami., en: We.}}]},
           {level: 3, conditions: [{code: 2.3.a, text: {id: Kita., en: All of us.}}]}],
         evidence: [{text: {id: Daftar, en: A list}, level: 2}, {text: {id: Undangan, en: A call}, level: 3}]}
  - code: P2
    name: {id: Bagian dua, en: Part two}
    weight: "70"
    children:
      - {code: "3", name: {id: Ketiga, en: Third}, weight: "69.5", scale: line,
         question: {id: Kapan?, en: When?},
         criteria: [{level: 2, conditions: [{code: 3.2.a, text: {id: Kini., en: Now.}}]}],
         evidence: [{text: {id: Jam, en: A clock}, level: 2}]}
      - {code: "4-1", name: {id: Keempat, en: Fourth}, weight: "0.50", scale: steps,
         question: {id: Mengapa?, en: Why?},
         criteria: [
           {level: 2, conditions: [{code: 4-1.2.a, text: {id: Perlu., en: It is needed.}}]},
           {level: 3, conditions: [{code: 4-1.3.a, text: {id: Wajib., en: It must be.}}]}],
         evidence: [{text: {id: Surat, en: A letter}, level: 2}, {text: {id: Cap, en: A stamp}, level: 3}]}
"""
# Levels that divide the values of a range, and a kind of evidence with a code and a doubt.
LINE: Final = 'range: {at_least: "1.00", at_most: "3.00"}'
LEVELLED: Final = (
    LINE,
    f"""{LINE}
    levels:
      - {{value: 1, name: {{id: Satu, en: One}}, at_least: "1.00"}}
      - {{value: 2, name: {{id: Dua, en: Two}}, at_least: "1.50"}}
      - {{value: 3, name: {{id: Tiga, en: Three}}, at_least: "2.50"}}""",
)
CODED: Final = (
    "{text: {id: Dokumen, en: A document}, level: 2, max_age_years: 2}",
    "{code: I1-L2-01, text: {id: Dokumen, en: A document}, level: 2, max_age_years: 2, "
    "uncertain: {id: Umurnya., en: Its age.}}",
)
# The texts on levels and evidence, in all indicators.
WITH_TEXTS: Final = (SMALL[SMALL.index("name: {id: Pertama") :], _INDICATORS)

_NOW: Final = "criteria: [{level: 2, conditions: [{code: 3.2.a, text: {id: Kini., en: Now.}}]}"
LATER: Final = (
    _NOW,
    f"{_NOW}, {{level: 3, conditions: [{{code: 3.3.a, text: {{id: Nanti., en: Later.}}}}]}}",
)
"""What the texts say of the highest level of a range too, for where its levels divide it."""


def small(*changes: tuple[str, str]) -> Edition:
    """Load the small edition with some of its text replaced."""
    return load(changed(*changes))


def changed(*changes: tuple[str, str]) -> str:
    """Replace parts of the small edition's text, each of which must be there."""
    text = SMALL
    for old, new in changes:
        assert old in text, f"{old!r} is not in the text"
        text = text.replace(old, new, 1)
    return text


def line_of(part: str, text: str = SMALL) -> int:
    """Count to the line, from 1, on which a part of the text stands first."""
    return text[: text.index(part)].count("\n") + 1


VALUES = {"1": Fraction(1), "2": Fraction(2), "3": Fraction(5, 2), "4-1": Fraction(3)}
