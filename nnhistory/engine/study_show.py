"""A study on stage: its points are computed while one looks, and its chart, table and board fill up."""

from __future__ import annotations

from collections.abc import Sequence

from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.core.scene import Scene, Size
from nnhistory.engine.expect import evaluate
from nnhistory.engine.plan import Setting
from nnhistory.engine.registry import Registry
from nnhistory.engine.state import Status, Tick, Timeline
from nnhistory.engine.study import Crew, PointResult, Studied, default_workers, make_crew, make_job, make_points
from nnhistory.engine.study_scene import study_scene
from nnhistory.scenario.load import Loaded
from nnhistory.scenario.schema import Expect, Question

__all__ = ["StudyShow"]


class StudyShow:
    """Owns the crew. `update` takes results in; `scene` draws what is there so far."""

    def __init__(
        self,
        loaded: Loaded,
        registry: Registry,
        *,
        seed: int | None,
        settings: Sequence[Setting],
        device: str,
        scale: str,
        inline: bool,
        studied: Studied | None = None,
    ) -> None:
        """studied : it has been computed already, and is only shown."""
        study = loaded.scenario.study
        assert study is not None
        self._study, self._loaded, self._registry = study.at_scale(scale), loaded, registry
        self._job = make_job(loaded, registry, settings, device, scale)
        self._seed = loaded.scenario.run[0].seed if seed is None else seed
        self._workers = 1 if inline else default_workers()
        self._crew: Crew | None = None
        self.results: list[PointResult] = []
        if studied is None:
            self._begin()
        else:
            self.points, self.results = studied.points, studied.results
            self.failure = next((result.failure for result in self.results if result.failure), "")

    def _begin(self) -> None:
        self.points = make_points(self._study, self._seed)
        self.results = []
        self._crew = make_crew(self._job, self.points, self._registry, self._workers)
        self.failure = ""

    @property
    def done(self) -> bool:
        """Every point is there."""
        return len(self.results) == len(self.points)

    def update(self) -> bool:
        """Take results in. True if there is something new."""
        if self._crew is None:
            return False
        new = self._crew.poll()
        self.results.extend(new)
        self.failure = self.failure or next((result.failure for result in new if result.failure), "")
        if self.done:
            self.close()
        return bool(new)

    @property
    def about(self) -> tuple[str, ...]:
        """The metrics that the chart and the table show; of a study that names none, the first one reported."""
        first = (name for one in self.results for run in one.outcomes.values() for name in run.metrics)
        return self._study.about or tuple([name] if (name := next(first, "")) else [])

    @property
    def studied(self) -> Studied:
        """What has come out so far."""
        return Studied(self.points, self.results)

    def scene(self, size: Size, lang: str = "en") -> Scene:
        """Chart with theory, board of pictures, table."""
        studied = self.studied
        return study_scene(
            self._loaded.scenario, self._study, studied.rows, studied.pictured, len(self.results), len(self.points),
            lang, studied.shows,
        )  # fmt: skip

    def status(self, message: str) -> Status:
        """As for a run, counted in points."""
        count = len(self.results)
        state = "playing"
        if self.done:
            state = "failed" if all(result.failure for result in self.results) else "done"
        progress = None if self.done else count / max(1, len(self.points))
        return Status(
            state,  # type: ignore[arg-type]
            count, len(self.points), 0.0, "study", message or self.failure, progress,
            self.failure if state == "failed" else "", "runs",
        )  # fmt: skip

    def timeline(self) -> Timeline:
        """How far it has come."""
        place = len(self.results) / max(1, len(self.points))
        end = (
            (Tick(1.0, Event(len(self.points), len(self.points), "converged"), "every run is done"),)
            if self.done
            else ()
        )
        return Timeline(place, place, end)

    def restart(self, add: int) -> str:
        """Do it all again, with other seeds if `add` is not 0."""
        self.close()
        self._seed += add
        self._begin()
        return f"the study starts again with seed {self._seed}"

    def right_options(self, question: Question) -> tuple[int, ...]:
        """The answers whose expectation holds in this table."""
        rows = self.studied.rows
        if not rows:
            return ()
        outcomes = rows[0].outcomes[0]

        def holds(expect: Expect) -> bool:
            try:
                return evaluate(expect, outcomes, rows).holds
            except BadInput:
                return False  # no run has measured this

        return tuple(index for index, option in enumerate(question.options) if holds(option.expect))

    def close(self) -> None:
        """Stop all work."""
        if self._crew is not None:
            self._crew.close()
            self._crew = None
