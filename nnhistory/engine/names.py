"""Names in a scenario against what there is: eras, knobs, data sets, metrics, events, pictures, steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any

from nnhistory.core.errors import BadInput, NNHistoryError, did_you_mean
from nnhistory.core.events import BREAKS
from nnhistory.core.files import special
from nnhistory.core.manifest import Manifest
from nnhistory.datasets.catalogue import check_spec
from nnhistory.engine.plan import as_table, at_full_scale, parse_choices, parse_key, parse_range
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.scenario.load import Loaded, at_key
from nnhistory.scenario.schema import HOLE, At, Expect, Relay, Run, Study, Text, Than

__all__ = ["check_names", "check_study_key", "check_study_size", "located"]

_MOST_RUNS = 100_000
"""Of one study."""
_ALWAYS = frozenset({"turned", "non_finite", "converged"})


def located(error: NNHistoryError, loaded: Loaded | None, key: str) -> NNHistoryError:
    """The error with the file and line of this key."""
    return error if loaded is None else at_key(loaded, key, error)


def check_names(loaded: Loaded, registry: Registry) -> None:
    """Raise a located BadInput for the first name that means nothing. Needs no NumPy and runs nothing."""
    scenario = loaded.scenario
    manifests: dict[str, Manifest] = {}
    budgets: dict[str, int] = {}
    for number, run in enumerate(scenario.run):
        key = f"run[{number}]"
        try:
            manifest = registry.manifest(run.era)
        except BadInput as error:
            raise located(error, loaded, f"{key}.era") from None
        manifests[run.id] = manifest
        try:
            config = resolve_config(manifest, run.config)
        except BadInput as error:
            raise located(error, loaded, f"{key}.config") from None
        try:
            _check_own_files(check_spec(as_table(run.dataset)), loaded)
        except BadInput as error:
            raise located(error, loaded, f"{key}.dataset") from None
        _check_accepts(loaded, key, run, manifest)
        if run.full is not None:
            full = at_full_scale(run)
            try:
                manifest_full = registry.manifest(full.era)
                resolve_config(manifest_full, full.config)
                check_spec(as_table(full.dataset))
            except BadInput as error:
                raise located(error, loaded, f"{key}.full") from None
            _check_accepts(loaded, key, full, manifest_full)
        budgets[run.id] = int(config.get(manifest.steps_knob) or 0)
    first = scenario.run[0].id

    for number, turn in enumerate(scenario.turn):
        _check_turn(loaded, f"turn[{number}]", turn.knob, turn.value, turn.step, manifests[turn.run], budgets[turn.run])
    for number, expect in enumerate(scenario.expect):
        _check_expect(loaded, f"expect[{number}]", expect, manifests, first)
        if expect.at is not None and scenario.study is None:
            budget = budgets[expect.run or first]
            if budget and expect.at > budget:
                raise located(_never(expect.at, budget), loaded, f"expect[{number}].at")
    for number, chapter in enumerate(scenario.chapter):
        run_id = chapter.run or first
        key = f"chapter[{number}]"
        _check_at(loaded, f"{key}.at", chapter.at, manifests[run_id], budgets[run_id], study=scenario.study is not None)
        for picture in chapter.pictures:
            _check_picture(loaded, f"{key}.pictures", picture, manifests[run_id])
        _check_holes(loaded, f"{key}.text", chapter.text, manifests[run_id])
        if chapter.question is not None:
            _check_at(
                loaded,
                f"{key}.question.reveal",
                chapter.question.reveal,
                manifests[run_id],
                budgets[run_id],
                study=True,
            )
            for picture in chapter.question.hides:
                _check_picture(loaded, f"{key}.question.hides", picture, manifests[run_id])
            _check_holes(loaded, f"{key}.question.explain", chapter.question.explain, manifests[run_id])
            for place, option in enumerate(chapter.question.options):
                reply = f"{key}.question.options[{place}].reply"
                _check_holes(loaded, reply, option.reply, manifests[run_id])
                _check_expect(loaded, f"{key}.question.options[{place}].expect", option.expect, manifests, run_id)
    for picture in scenario.play.pictures:
        _check_picture(loaded, "play.pictures", picture, manifests[first])
    if scenario.study is not None:
        _check_study(loaded, manifests)
    if scenario.relay is not None:
        _check_relay(loaded, scenario.relay, manifests)


def _check_accepts(loaded: Loaded, key: str, run: Run, manifest: Manifest) -> None:
    for name, used in (("start", run.start), ("input", run.input), ("freeze", run.freeze or None)):
        if used is not None and name not in manifest.accepts:
            takes = " and ".join(manifest.accepts) or "nothing of another run"
            error = BadInput(f'{manifest.title} takes no "{name}"', remedy=f"It takes {takes}; take {name} out")
            raise located(error, loaded, f"{key}.{name}")


def _check_turn(loaded: Loaded, key: str, knob: str, value: object, step: int, manifest: Manifest, budget: int) -> None:
    param = manifest.knobs.get(knob)
    if param is None:
        error = BadInput(
            f'{manifest.title} has no knob "{knob}"', remedy=did_you_mean(knob, manifest.knobs, noun="knob")
        )
        raise located(error, loaded, f"{key}.knob")
    if not param.live:
        error = BadInput(f"{knob} cannot be turned while the run goes on", remedy="Set it in the run's config")
        raise located(error, loaded, f"{key}.knob")
    try:
        param.check(value, knob)
    except BadInput as error:
        raise located(error, loaded, f"{key}.value") from None
    if budget and step > budget:
        raise located(_never(step, budget), loaded, f"{key}.step")


def _never(step: int, budget: int) -> BadInput:
    return BadInput(
        f"step {step} is never reached", why=f"the run has {budget} steps at most", remedy="Choose an earlier step"
    )


def _check_at(loaded: Loaded, key: str, at: At, manifest: Manifest, budget: int, *, study: bool) -> None:
    if at.event is not None:
        _check_event(loaded, f"{key}.event", at.event, manifest)
    if at.step is not None and budget and at.step > budget and not study:
        raise located(_never(at.step, budget), loaded, key)
    said = (at.step is not None) + (at.event is not None) + at.end
    if said != 1:
        what = "when?" if not said else "this names more than one moment"
        raise located(BadInput(what, remedy='Write step = 10, event = "..." or end = true'), loaded, key)


def _check_expect(loaded: Loaded, key: str, expect: Expect, manifests: dict[str, Manifest], run: str) -> None:
    manifest = manifests[expect.run or run]
    _check_subject(loaded, key, expect, manifest)
    if expect.than is not None:
        _check_subject(loaded, f"{key}.than", expect.than, manifests[expect.than.run or expect.run or run])


def _check_subject(loaded: Loaded, key: str, subject: Expect | Than, manifest: Manifest) -> None:
    if subject.metric is not None and not any(fnmatch(subject.metric, name) for name in manifest.counted):
        told = subject.metric in manifest.metrics
        error = BadInput(
            f'"{subject.metric}" says what a moment is about, and is not counted over a run'
            if told
            else f'{manifest.title} reports no metric "{subject.metric}"',
            remedy=f'It is an event: event = "{subject.metric}"'
            if subject.metric in manifest.events
            else did_you_mean(subject.metric, manifest.counted, noun="metric"),
        )
        raise located(error, loaded, f"{key}.metric")
    if subject.event is not None:
        _check_event(loaded, f"{key}.event", subject.event, manifest)
        spec = manifest.events.get(subject.event)
        known = {"step", *(spec.evidence if spec is not None else ())}
        if subject.evidence is not None and spec is not None and subject.evidence not in known:
            error = BadInput(
                f'"{subject.event}" carries no evidence "{subject.evidence}"',
                remedy=did_you_mean(subject.evidence, known, noun="evidence"),
            )
            raise located(error, loaded, f"{key}.evidence")


def _check_event(loaded: Loaded, key: str, event: str, manifest: Manifest) -> None:
    if event not in manifest.events and event not in _ALWAYS:
        near = did_you_mean(event, {*manifest.events, *_ALWAYS}, noun="event")
        if event in manifest.counted:
            near = f'It is a metric: metric = "{event}"'
        why = "no detector of this era reports it" if event in BREAKS else None
        raise located(BadInput(f'there is no event "{event}" in {manifest.title}', why=why, remedy=near), loaded, key)


def _check_holes(loaded: Loaded, key: str, text: Text, manifest: Manifest) -> None:
    """{metric} and {event.evidence} in a text: that each can ever be filled."""
    for said in text.values() if isinstance(text, dict) else [text]:
        for hole in HOLE.findall(said):
            kind, dot, evidence = hole.partition(".")
            try:
                if not dot:
                    _check_subject(loaded, key, Than(metric=hole), manifest)
                else:
                    _check_subject(loaded, key, Than(event=kind, evidence=evidence), manifest)
            except BadInput as error:
                error.key = None
                raise located(error, loaded, key) from None


def _check_picture(loaded: Loaded, key: str, picture: str, manifest: Manifest) -> None:
    if picture not in manifest.panels:
        error = BadInput(
            f'there is no picture "{picture}"', remedy=did_you_mean(picture, manifest.panels, noun="picture")
        )
        raise located(error, loaded, key)


def _check_relay(loaded: Loaded, relay: Relay, manifests: dict[str, Manifest]) -> None:
    for number, entry in enumerate(relay.entry):
        key, manifest = f"relay.entry[{number}]", manifests[entry.run]
        _check_subject(loaded, "relay", Than(metric=relay.metric), manifest)
        for place, says in enumerate(entry.says):
            _check_expect(loaded, f"{key}.says[{place}].expect", says.expect, manifests, entry.run)
            for part in ("text", "why"):
                _check_holes(loaded, f"{key}.says[{place}].{part}", getattr(says, part), manifest)
    for place, option in enumerate(relay.question.options):
        _check_expect(loaded, f"relay.question.options[{place}].expect", option.expect, manifests, relay.entry[0].run)


def _check_study(loaded: Loaded, manifests: dict[str, Manifest]) -> None:
    study = loaded.scenario.study
    assert study is not None
    runs = loaded.scenario.run
    full = [at_full_scale(run) for run in runs]
    for table, keys, meant in (("over", study.over, runs), ("full", study.full, full), ("random", study.random, runs)):
        for name, values in keys.items():
            try:
                check_study_key(name, values, meant, manifests)
            except BadInput as error:
                error.key = None
                raise located(error, loaded, f"study.{table}.{name}") from None
    for name in study.full.keys() - study.over.keys():
        alone = BadInput(f'"{name}" is not varied', why="full says which other values a key of over takes",
                         remedy="Name it in over, too")  # fmt: skip
        raise located(alone, loaded, f"study.full.{name}")
    if isinstance(study.seeds, list) and len(set(study.seeds)) < len(study.seeds):
        again = BadInput("a seed stands there twice", why="its run would be counted as two", remedy="Name each once")
        raise located(again, loaded, "study.seeds")
    for scale in ("lite", "full"):
        try:
            check_study_size(study.at_scale(scale))
        except BadInput as error:
            raise located(error, loaded, "study") from None
    metrics = {metric for manifest in manifests.values() for metric in manifest.counted}
    metrics |= {f"{run}.{metric}" for run, manifest in manifests.items() for metric in manifest.counted}
    for name, named in (("y", study.measured), ("theory", (study.theory,) if study.theory else ())):
        for metric in named:
            if metric in metrics:
                continue
            unknown = BadInput(f'there is no metric "{metric}"', remedy=did_you_mean(metric, metrics, noun="metric"))
            raise located(unknown, loaded, f"study.{name}")


def _twice(values: list[Any]) -> Any:
    """The first value that stood there before, or None."""
    seen = set()
    for value in values:
        known = value if isinstance(value, str | int | float) else repr(value)
        if known in seen:
            return value
        seen.add(known)
    return None


def check_study_size(study: Study) -> None:
    """So many runs that they cannot even be listed are a slip of the pen."""
    seeds = study.seeds if isinstance(study.seeds, int) else len(study.seeds)
    runs = math.prod(map(len, study.over.values())) * seeds * study.draws
    if runs > _MOST_RUNS:
        raise BadInput(
            f"this study would be {runs} runs, {_MOST_RUNS} are the most", remedy="Name fewer values, seeds or draws"
        )


def check_study_key(key: str, values: list[Any] | str, runs: list[Run], manifests: Mapping[str, Manifest]) -> None:
    """A KEY of a study and its values (a range, if they are drawn) against the knobs and data sets of the runs."""
    setting = parse_key(key, None)
    for name in setting.runs:
        if name not in manifests:
            raise BadInput(f'there is no run "{name}"', remedy=did_you_mean(name, manifests, noun="run"))
    chosen = [run for run in runs if setting.meant_for(run.id)]
    choices = parse_choices(values) if isinstance(values, str) else None
    tried = choices or (list(parse_range(values)[1:]) if isinstance(values, str) else values)
    twice = _twice(tried)
    if twice is not None and not isinstance(values, str):
        raise BadInput(f"the value {twice} stands there twice", remedy="Name each value once; for more runs say seeds")
    if setting.dataset:
        for run in chosen:
            for value in tried:
                check_spec({**as_table(run.dataset), setting.name: value})
        return
    params = [manifests[run.id].knobs[setting.name] for run in chosen if setting.name in manifests[run.id].knobs]
    if not params:
        knobs = {knob for run in chosen for knob in manifests[run.id].knobs}
        raise BadInput(f'no run has a knob "{setting.name}"', remedy=did_you_mean(setting.name, knobs, noun="knob"))
    whole = isinstance(values, str) and values.startswith("int:")
    for param in params:
        for value in tried:
            if param.kind == "list" and not isinstance(value, list):
                raise BadInput(
                    f"{setting.name} is a list of whole numbers, so a study needs a list of lists, got {value!r}",
                    remedy=f'Write "{key}" = [[1], [1, 2]] in a file, --over "{key}=[1],[1,2]" on the command line',
                )
            param.check(int(value) if whole else value, setting.name)


def _check_own_files(spec: Mapping[str, Any], loaded: Loaded) -> None:
    """That the user's own file is there shows before anything runs; what is in it, when it is loaded."""
    for key in {"file", "images"} & spec.keys():
        name, path = spec[key], loaded.path.parent / spec[key]
        try:
            there, folder = path.exists(), path.is_dir()
        except OSError as error:
            raise BadInput(
                f"cannot look for this file: {error.strerror}", key=key, remedy="Give it another name"
            ) from None
        if key == "file" and folder:
            raise BadInput(f'"{name}" is a folder, not a table', key=key, remedy="Name a .csv file")
        if key == "file" and special(path):
            raise BadInput(f'"{name}" is not a regular file', why=f"it is {special(path)}", key=key,
                           remedy="Save the table as a .csv file, and name that")  # fmt: skip
        if key == "images" and there and not folder:
            raise BadInput(f'"{name}" is a file, not a folder', key=key,
                           remedy="Name a folder with one folder of pictures for each class")  # fmt: skip
        if not there:
            raise BadInput(f'there is no "{name}" in {loaded.path.parent.resolve()}', key=key,
                           remedy="The path is relative to the scenario's folder")  # fmt: skip
