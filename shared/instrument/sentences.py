"""What may be wrong with an edition: a code for each, with its English sentence and what that names.

Other languages have theirs in `shared/web`, by the same codes. Some stand behind the name of a field.
"""

from collections.abc import Mapping
from typing import Final

_READING: Final = {
    "missing": "is missing",
    "unknown-field": "is not a field that belongs here",
    "not-a-mapping": "must be a mapping of names to values",
    "not-a-list": "must be a list",
    "empty-list": "must not be empty",
    "not-a-text": "must be a text",
    "not-in-every-language": "must have a text in each of {languages}",
    "not-a-code": "{code} must be letters, digits and hyphens, at most 32",
    "not-a-flag": "must be true or false",
    "not-a-count": "must be a whole number from {least} to {most}",
    "not-a-choice": "{value} is unknown; it may be {known}",
    "not-a-number": "must be a number written like 3, 1.30 or 20/6",
    "zero-below": "must not divide by zero",
    "not-code-lists": "must map each code to a list of codes of the edition before",
    "not-facts": "must be a mapping of names to texts",
}
_TEXT: Final = {
    "too-long": "the text is longer than {most} characters",
    "empty-text": "the text is empty",
    "strange-character": "the character {character} is not allowed",
    "hidden-character": "{character} cannot be seen: take it out",
    "not-yaml": "not YAML: {said}",
    "alias": "anchors and aliases are not allowed",
    "too-much": "more lists, mappings and values than an edition has",
    "too-deep": "nested more than {most} deep",
    "key-twice": "{key} stands twice",
    "not-a-key": "a key must be a plain word",
}
_WEIGHTS: Final = {
    "weight-not-positive": "the weight must be more than 0",
    "top-weights": "the weights of the top nodes add up to {total}, not {wanted}",
    "top-weights-more": "the weights of the top nodes add up to about {total}, more than {wanted} by about {by}",
    "top-weights-less": "the weights of the top nodes add up to about {total}, less than {wanted} by about {by}",
    "weights": "the weights below add up to {total}, not {wanted}",
    "weights-more": "the weights below add up to about {total}, more than {wanted} by about {by}",
    "weights-less": "the weights below add up to about {total}, less than {wanted} by about {by}",
    "long-index": "the index could need more than {most} digits as a fraction: choose simpler weights",
}
_TREE: Final = {
    "below-the-tiers": "stands deeper than the tiers of this edition reach ({tiers})",
    "code-twice": "the code {value} stands twice",
    "tiers-twice": "the tiers key {value} stands twice",
    "scales-twice": "the scales key {value} stands twice",
    "activities-twice": "the activities key {value} stands twice",
    "first-stage": "activity {activity}: the first stage must be self, and not optional",
    "stage-twice": "activity {activity}: the stage {stage} stands twice",
    "target-out-of-reach": "the target {target} cannot be reached",
    "crosswalk-unknown": "crosswalk: this edition has no indicator {code}",
    "crosswalk-unknown-before": "crosswalk: {edition} has no indicator {code}",
    "other-edition": "the file {file} holds the edition {edition}",
}
_SCALES: Final = {
    "empty-scale": "scale {scale} needs levels or a range",
    "empty-range": "scale {scale}: the range is empty",
    "falling-level": "scale {scale}: level {level} must come after a smaller one, not after {before}",
    "level-outside": "scale {scale}: level {level} is outside the range",
    "edges-without-range": "scale {scale}: levels begin somewhere only within a range: leave out at_least",
    "edge-missing": "scale {scale}: at_least is missing at a level, which others have",
    "first-edge": "scale {scale}: the first level must begin where the range does, at {wanted}",
    "falling-edge": "scale {scale}: a level from {lower} must end above that, not at {upper}",
    "within-without-edges": "scale {scale}: within needs the levels of a range, each with its at_least",
    "level-not-in-range": "level {level} is not on the scale, which allows a number from {least} to {most}",
    "level-not-among": "level {level} is not on the scale, which allows {levels}",
}
_BANDS: Final = {
    "two-lower-ends": "band {band}: at_least and above cannot both be given",
    "two-upper-ends": "band {band}: at_most and below cannot both be given",
    "crossed-ends": "band {band}: the lower end must be below the upper end",
    "no-end": "an end is missing between {left} and {right}",
    "gap": "there is a gap between {left} and {right}, {upper} to {lower}",
    "overlap": "there is an overlap between {left} and {right}, {upper} to {lower}",
    "end-of-both": "{end} belongs to both, between {left} and {right}",
    "end-of-neither": "{end} belongs to neither, between {left} and {right}",
    "index-without-band": "no band holds the index {index}, which can be reached",
}
_CRITERIA: Final = {
    "criteria-twice": "the criteria of level {value} stands twice",
    "condition-twice": "the condition {value} stands twice",
    "evidence-weight": "the weight of evidence must be more than 0, and stand beside a code",
    "evidence-twice": "the evidence code {value} stands twice",
    "no-question": "the question is missing, which other indicators have",
    "no-criteria": "the criteria are missing, which other indicators have",
    "no-conditions": "level {level} has no conditions",
}

_SOURCES: Final = {
    "empty-index-range": "the range of the index is empty",
    "no-index-key": "an index that is imported needs a key",
    "conversion-of-no-value": "a conversion belongs to a source that gives the value",
    "conversion-into-levels": "a conversion needs an indicator whose scale is a range",
    "conversion-without-range": "a conversion needs the range of the index",
    "nothing-until-it-comes": "until_it_comes must say what counts before the index is known",
    "until-it-comes-off-scale": "until_it_comes is not on the scale, which allows a number from {least} to {most}",
    "few-nodes": "a conversion has at least two nodes",
    "falling-node": "the nodes must rise: {name} {after} comes after {before}",
    "first-index": "the nodes must begin at the index's range, {wanted}, not {found}",
    "first-value": "the nodes must begin at the indicator's scale, {wanted}, not {found}",
    "last-index": "the nodes must end at the index's range, {wanted}, not {found}",
    "last-value": "the nodes must end at the indicator's scale, {wanted}, not {found}",
    "long-conversion": "a converted value would need too many digits: choose simpler nodes",
    "gates-of-no-gate": "gates belong to a source that gives a gate",
    "no-gates": "a source that gives a gate needs its gates",
    "falling-gate": "the gates must rise: that of level {level} comes after level {before}",
    "outside-the-index": "{index} is outside the range of the index",
}

REMARK: Final = "remark"
"""What the command line alone says, of texts and of the glossary, in its own words."""
SENTENCES: Final[Mapping[str, str]] = {
    **_READING,
    **_TEXT,
    **_WEIGHTS,
    **_TREE,
    **_SCALES,
    **_BANDS,
    **_CRITERIA,
    **_SOURCES,
    REMARK: "{said}",
}
