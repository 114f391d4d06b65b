"""From a scenario to what a runner needs: plain values that can be sent to another process."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.manifest import Manifest
from nnhistory.core.params import parse_value
from nnhistory.datasets.catalogue import check_spec
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.scenario.schema import InputFrom, Run, Scenario, Start, Turn

__all__ = [
    "RunPlan",
    "Setting",
    "at_full_scale",
    "make_plans",
    "order_runs",
    "parse_choices",
    "parse_range",
    "parse_setting",
]


class Setting(msgspec.Struct, frozen=True):
    """`--set RUN.name=value`, taken apart. `run` None: every run that has it; `dataset`: a data set's parameter.

    RUN may be several, as in a+b.rate.
    """

    name: str
    value: Any
    run: str | None = None
    dataset: bool = False

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs that are named; empty for all."""
        return tuple(self.run.split("+")) if self.run is not None else ()

    def meant_for(self, run: str) -> bool:
        """Is it set in this run?"""
        return not self.runs or run in self.runs


class RunPlan(msgspec.Struct, frozen=True):
    """One run, ready to be driven anywhere."""

    id: str
    era: str
    config: dict[str, Any]
    dataset: dict[str, Any]
    seed: int
    device: str = "cpu"
    base: str | None = None
    turns: tuple[Turn, ...] = ()
    start: Start | None = None
    input: InputFrom | None = None
    marks: tuple[tuple[str, int], ...] = ()
    """(metric, step) pairs whose value must be remembered."""
    planned: int = 0
    scenario: str = ""
    stops: tuple[int, ...] = ()
    """Steps at which a chapter begins: their first moment is kept whatever the schedule says."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Runs that must have ended before this one can begin."""
        return tuple(dict.fromkeys(link.from_ for link in (self.start, self.input) if link is not None))

    def with_turn(self, turn: Turn) -> RunPlan:
        """The same run with one more turn; turns after it, and of the same knob at its step, are forgotten."""
        earlier = tuple(
            old for old in self.turns if old.step < turn.step or (old.step == turn.step and old.knob != turn.knob)
        )
        return msgspec.structs.replace(self, turns=(*earlier, turn))


def parse_setting(text: str) -> Setting:
    """Take `KEY=VALUE` apart: `rate=0.5`, `xor.rate=0.5`, `dataset.points=40`, `xor.dataset.points=40`."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise BadInput(f'cannot read the setting "{text}"', key="--set", remedy="Write KEY=VALUE, as in --set rate=0.5")
    try:
        return parse_key(key, parse_value(value.strip()))
    except BadInput as error:
        raise error.located(key=f"--set {key}") from None


def parse_key(key: str, value: Any) -> Setting:
    """A setting from its dotted key and an already decoded value."""
    parts = key.split(".")
    dataset = "dataset" in parts[:-1]
    parts = [part for part in parts if part != "dataset"] if dataset else parts
    if len(parts) > 2 or not all(parts):
        raise BadInput(f'cannot read the key "{key}"', remedy="Write name or RUN.name, or RUN.dataset.name")
    run = parts[0] if len(parts) == 2 else None
    return Setting(parts[-1], value, run, dataset)


def parse_choices(text: str) -> list[Any] | None:
    """The values of `choice:sgd,momentum,adam` or `choice:[32],[32,32]`; None if it is no such text."""
    kind, colon, listed = text.partition(":")
    if kind != "choice" or not colon:
        return None
    values: list[Any]
    try:
        values = list(parse_value(f"[{listed}]"))
    except BadInput:
        values = [parse_value(part.strip()) for part in listed.split(",") if part.strip()]
    if not values:
        raise BadInput(f'"{text}" names nothing to choose from', remedy='Write "choice:sgd,momentum,adam"')
    return values


def parse_range(text: str) -> tuple[str, float, float]:
    """(kind, low, high) of `log:1e-4..1`, `uniform:0..1` or `int:2..9`."""
    kind, colon, bounds = text.partition(":")
    low_text, dots, high_text = bounds.partition("..")
    try:
        low, high = float(low_text), float(high_text)
    except ValueError:
        low = high = math.nan
    if not (colon and dots and low <= high and kind in ("log", "uniform", "int")) or (kind == "log" and low <= 0):
        raise BadInput(
            f'cannot read the range "{text}"',
            remedy='Write "log:1e-4..1", "uniform:0..1", "int:2..9" or "choice:a,b,c"',
        )
    return kind, low, high


def order_runs(runs: Sequence[Run]) -> list[Run]:
    """Runs in an order in which each comes after the run it starts from or feeds on. A loop is refused on loading."""
    by_id = {run.id: run for run in runs}
    ordered: list[Run] = []

    def visit(run: Run, on_the_way: tuple[str, ...]) -> None:
        if run in ordered:
            return
        if run.id in on_the_way:
            raise BadInput(f'run "{run.id}" starts from itself', why=" -> ".join((*on_the_way, run.id)))
        for link in (run.start, run.input):
            if link is not None:
                visit(by_id[link.from_], (*on_the_way, run.id))
        ordered.append(run)

    for run in runs:
        visit(run, ())
    return ordered


def make_plans(
    scenario: Scenario,
    registry: Registry,
    *,
    source: str = "",
    base: Path | None = None,
    seed: int | None = None,
    settings: Iterable[Setting] = (),
    device: str = "auto",
    scale: str = "lite",
) -> list[RunPlan]:
    """Every run of the scenario with its knobs resolved, in an order that respects `start`.

    Raises BadInput for a setting that no run has, and for a device that no era of it can use. Beside runs on torch,
    those of a NumPy era stay on the CPU.
    """
    settings = list(settings)
    used: set[int] = set()
    run_ids = [run.id for run in scenario.run]
    plans = []
    ordered = [at_full_scale(run) if scale == "full" else run for run in order_runs(scenario.run)]
    mixed = any(registry.manifest(run.era).torch for run in ordered)
    for run in ordered:
        manifest = registry.manifest(run.era)
        where = "cpu" if mixed and not manifest.torch else _device(manifest.torch, device, manifest.title)
        config: dict[str, Any] = {} if where == "cpu" else _on_gpu(manifest)
        config |= run.config
        dataset = as_table(run.dataset)
        for number, setting in enumerate(settings):
            if not setting.meant_for(run.id):
                continue
            if setting.dataset:
                dataset[setting.name] = setting.value
                used.add(number)
            elif setting.name in manifest.knobs:
                config[setting.name] = setting.value
                used.add(number)
        try:
            resolved = resolve_config(manifest, config)
            check_spec(dataset)
        except BadInput as error:
            raise _blamed(error, settings, run.id) from None
        marks = set()
        for expect in scenario.expect:
            for asked in (expect, expect.than):
                if asked is not None and asked.metric is not None and asked.at is not None:
                    marks.add((asked.metric, asked.at))
        plans.append(
            RunPlan(
                id=run.id,
                era=run.era,
                config=resolved,
                dataset=dataset,
                seed=run.seed if seed is None else seed,
                device=where,
                base=None if base is None else str(base),
                turns=tuple(turn for turn in scenario.turn if turn.run == run.id),
                start=run.start,
                input=run.input,
                marks=tuple(sorted(marks)),
                planned=int(resolved.get(manifest.steps_knob) or 0),
                scenario=source,
                stops=_stops(scenario, run.id),
            )
        )
    for number, setting in enumerate(settings):
        if number not in used or not set(setting.runs) <= set(run_ids):
            raise _unused(setting, run_ids, scenario, registry)
    return plans


def at_full_scale(run: Run) -> Run:
    """The run as `--scale full` has it."""
    full = run.full
    if full is None:
        return run
    return msgspec.structs.replace(
        run,
        era=full.era or run.era,
        config=full.config if full.era else run.config | full.config,
        dataset=run.dataset if full.dataset is None else full.dataset,
    )


def _stops(scenario: Scenario, run: str) -> tuple[int, ...]:
    places = [chapter.at for chapter in scenario.chapter if chapter.run in (None, run)]
    places += [one.question.reveal for one in scenario.chapter if one.run in (None, run) and one.question is not None]
    return tuple(sorted({at.step for at in places if at.step is not None}))


def as_table(dataset: str | Mapping[str, Any]) -> dict[str, Any]:
    """A data set given by name is a table with only a name."""
    return {"name": dataset} if isinstance(dataset, str) else dict(dataset)


def _on_gpu(manifest: Manifest) -> dict[str, Any]:
    """Knobs that have another default on a GPU. What a scenario or --set says goes before it."""
    return {name: param.on_gpu for name, param in manifest.knobs.items() if param.on_gpu is not None}


def _device(torch: bool, device: str, title: str) -> str:
    if torch or device in ("auto", "cpu"):
        return "cpu" if device == "auto" else device
    raise BadInput(
        f"{title} runs on the processor only",
        why="its code is NumPy",
        key=f"--device {device}",
        remedy="Leave --device out, or write --device cpu",
    )


def _blamed(error: BadInput, settings: Iterable[Setting], run: str) -> BadInput:
    """A refused value that was typed after --set is blamed on the option, not on the file."""
    for setting in settings:
        if setting.name == error.key and setting.meant_for(run):
            error.key = _option(setting)
    return error


def _option(setting: Setting) -> str:
    run = f"{setting.run}." if setting.run else ""
    return f"--set {run}{'dataset.' if setting.dataset else ''}{setting.name}"


def _unused(setting: Setting, run_ids: list[str], scenario: Scenario, registry: Registry) -> BadInput:
    key = _option(setting)
    for name in setting.runs:
        if name not in run_ids:
            return BadInput(f'there is no run "{name}"', key=key, remedy=did_you_mean(name, run_ids, noun="run"))
    knobs = {name for run in scenario.run for name in registry.manifest(run.era).knobs}
    return BadInput(
        f'no run has a knob "{setting.name}"', key=key, remedy=did_you_mean(setting.name, knobs, noun="knob")
    )
