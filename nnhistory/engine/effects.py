"""Effects in a study whose settings are switches: what each does on average, and what pairs of them do together.

A switch is a setting with two values; the first one listed counts as -1, the second as +1. With y of all combinations,

    effect of a set of switches = 2 mean( y times the product of their signs )

so that of one switch is the mean difference it makes; that of a pair is half of how much one changes the effect of the
other.

Source: Box, Hunter and Hunter 1978, Statistics for Experimenters, chapter 10 (2^k designs).
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence

from nnhistory.core.errors import BadInput
from nnhistory.core.numbers import as_text, key_in_words, plain
from nnhistory.core.scene import Bars, Panel, Role, Size
from nnhistory.engine.expect import StudyRow

__all__ = ["effect_of", "effects_panel", "switches"]


def switches(rows: Sequence[StudyRow]) -> dict[str, tuple[object, object]]:
    """The settings with exactly two values, by their last name, with both values; empty if the design is not full."""
    values: dict[str, list[object]] = {}
    for row in rows:
        for key, value in row.settings.items():
            known = values.setdefault(key, [])
            if value not in known:
                known.append(value)
    if not values or any(len(known) != 2 for known in values.values()) or len(rows) != 2 ** len(values):
        return {}
    return {key: (known[0], known[1]) for key, known in values.items()}


def effect_of(rows: Sequence[StudyRow], names: Sequence[str], metric: str, run: str | None = None) -> list[float]:
    """The effect of one switch, or of several together, for each seed.

    names : as in the study, or their last parts. Raises BadInput if the study is no full design of switches.
    """
    known = switches(rows)
    if not known:
        raise BadInput(
            "effects need switches: every setting of the study with two values, in all combinations",
            key="study.over", remedy="Give every KEY in [study] over two values",
        )  # fmt: skip
    short = {key.rsplit(".", 1)[-1]: key for key in known} | {key: key for key in known}
    for name in names:
        if name not in short:
            raise BadInput(f'the study has no switch "{name}"', key="effect", remedy=f"It has {', '.join(known)}")
    chosen = [short[name] for name in names]
    count = min(len(row.outcomes) for row in rows)
    found = []
    for number in range(count):
        total = 0.0
        for row in rows:
            sign = math.prod(1.0 if row.settings[key] == known[key][1] else -1.0 for key in chosen)
            outcome = row.outcomes[number]
            one = outcome[run] if run is not None else next(iter(outcome.values()))
            if metric not in one.metrics:
                raise BadInput(f'run "{one.id}" reported no metric "{metric}"')
            total += sign * one.metrics[metric].final
        found.append(2.0 * total / len(rows))
    return found


def effects_panel(rows: Sequence[StudyRow], metric: str) -> Panel | None:
    """A bar for each switch and each pair of them, mean over seeds, with the spread; None if there are no switches."""
    known = switches(rows)
    if len(known) < 2:
        return None
    names = [*((key,) for key in known), *itertools.combinations(known, 2)]
    run, _, own = metric.rpartition(".")
    values = [effect_of(rows, name, own, run or None) for name in names]
    means = [statistics.fmean(each) for each in values]
    spreads = [statistics.stdev(each) if len(each) > 1 else math.nan for each in values]
    words = [" x ".join(key_in_words(key) for key in name) for name in names]
    order = [*sorted(range(len(known)), key=lambda k: -means[k]), *range(len(known), len(names))]
    texts = [plain(means[k], 2) + ("" if math.isnan(spreads[k]) else f" ± {plain(spreads[k], 1)}") for k in order]
    high = max(0.05, *(abs(mean) for mean in means)) * 1.2
    roles: tuple[Role, ...] = tuple("positive" if means[k] >= 0 else "negative" for k in order)
    bars = Bars(
        values=[means[k] for k in order], labels=tuple(words[k] for k in order), lo=min(0.0, *means) * 1.2, hi=high,
        roles=roles, horizontal=True, name="effect", texts=tuple(texts),
    )  # fmt: skip
    first = order[0]
    pair = max(range(len(known), len(names)), key=lambda k: abs(means[k]))
    sentence = (
        f"On average {words[first]} makes a difference of {plain(means[first], 2)} in {metric.replace('_', ' ')};"
    )
    sentence += f" of the pairs, {words[pair]} is the largest: {plain(means[pair], 2)}."
    spread = not math.isnan(spreads[first])
    if spread:
        sentence += f" After ±: the standard deviation over {len(values[first])} seeds."
    title = f"effects{' ± sd' if spread else ''}: each switch, then pairs"
    what = metric.replace("_", " ")
    turned = "; ".join(f"{key_in_words(key)} from {as_text(a)} to {as_text(b)}" for key, (a, b) in known.items())
    about = (
        f"Each bar is how much {what} changes when a switch is turned, on average over all positions of the others: "
        f"{turned}. The bar of a pair (a x b) is half of how much one of them changes what the other does: below zero, "
        "together they do less than the sum."
    )
    return Panel("effects", title, sentence, (bars,), least=Size(36, len(names) + 1), weight=2.0, about=about)
