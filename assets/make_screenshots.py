"""Make the README's pictures again: `python assets/make_screenshots.py`. Needs no display and no terminal.

Every picture is painted by the very code that paints the screens, from runs that are computed here and now.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nnhistory.draw.grid_png import grid_image
from nnhistory.draw.palette import Look, palette
from nnhistory.draw.png import measure, to_image
from nnhistory.engine.progress import Progress
from nnhistory.engine.registry import Registry
from nnhistory.engine.stage import Stage
from nnhistory.scenario.library import heads, walkthrough
from nnhistory.terminal.home_picture import HomeView, paint_home
from nnhistory.terminal.theatre_picture import View as TerminalView
from nnhistory.terminal.theatre_picture import paint_theatre
from nnhistory.visual.picture import View as WindowView
from nnhistory.visual.picture import paint

FOLDER = Path(__file__).parent / "screenshots"


def main() -> None:
    """All of them."""
    FOLDER.mkdir(exist_ok=True)
    terminal("relay-80x24", "relay/two-digits", 80, 24, as_it_is)
    window("relay-1280x720", "relay/two-digits", 1280, 720, as_it_is)
    window("vanishing-1280x720", "backprop/vanishing", 1280, 720, at_tick(0))
    window("rbm-1280x720", "rbm/digits", 1280, 720, at_the_end, run="complete")
    window("init-lab-800x600", "deep/init-lab", 800, 600, at_the_end)
    terminal("xor-80x24", "perceptron/xor", 80, 24, at_event("limit_cycle"))
    terminal("xor-120x40", "perceptron/xor", 120, 40, at_event("limit_cycle"))
    terminal("mark-i-120x40", "perceptron/mark-i-digits", 120, 40, at_tick(3000))
    home("home-80x24", 80, 24)
    window("or-1280x720", "perceptron/or", 1280, 720, at_tick(9))
    window("xor-1280x720", "perceptron/xor", 1280, 720, at_event("limit_cycle"))
    window("mark-i-1280x720", "perceptron/mark-i-digits", 1280, 720, at_tick(3000))
    window("xor-800x600-light", "perceptron/xor", 800, 600, at_event("limit_cycle"), dark=False)
    window("capacity-1280x720", "perceptron/capacity", 1280, 720, as_it_is)


def on_stage(scenario: str, place: Callable[[Stage], None], run: str = "") -> Stage:
    """A scenario, computed to its end, its playhead where the picture is to be taken. run : which; "": the first."""
    stage = Stage.open(scenario, inline=True)
    if run:
        stage.select([lane.id for lane in stage.lanes].index(run))
    clock = 0.0
    while not _over(stage):
        if stage.study is None:
            stage.act("last")
        clock += 0.05
        stage.update(clock)
    place(stage)
    stage.message = ""
    return stage


def _over(stage: Stage) -> bool:
    if stage.relay is not None:
        return stage.relay.done
    return stage.study.done if stage.study is not None else stage.lane.outcome is not None


def as_it_is(stage: Stage) -> None:
    """A board or a study: there is no moment to choose."""


def at_the_end(stage: Stage) -> None:
    """At the last moment."""
    at_tick(stage.lane.recording.frames[-1].tick)(stage)


def at_tick(tick: int) -> Callable[[Stage], None]:
    """At a moment."""

    def place(stage: Stage) -> None:
        stage.lane.playhead.pause()
        stage.lane.playhead.seek(tick, stage.lane.recording)

    return place


def at_event(kind: str) -> Callable[[Stage], None]:
    """At the first event of a kind."""

    def place(stage: Stage) -> None:
        event = next(event for event in stage.lane.recording.events if event.kind == kind)
        at_tick(event.tick)(stage)

    return place


def terminal(name: str, scenario: str, columns: int, rows: int, place: Callable[[Stage], None]) -> None:
    """The theatre in the terminal."""
    stage = on_stage(scenario, place)
    colours = palette(dark=True)
    grid = paint_theatre(stage, columns, rows, TerminalView(Look(colours))).grid
    grid_image(grid, colours).save(FOLDER / f"terminal-{name}.png", optimize=True)
    stage.close()


def home(name: str, columns: int, rows: int) -> None:
    """The terminal's home screen, as after two lessons."""
    progress = Progress(seen={"perceptron/or", "perceptron/margin", "perceptron/xor"}, understood={"perceptron/xor"})
    stops, registry = walkthrough(), Registry()
    told = {stop.era: registry.manifest(stop.era).history for stop in stops if stop.era}
    colours = palette(dark=True)
    view = HomeView(Look(colours), lesson=3)
    grid, _ = paint_home(stops, {head.id: head for head in heads()}, told, progress, columns, rows, view)
    grid_image(grid, colours).save(FOLDER / f"terminal-{name}.png", optimize=True)


def window(
    name: str, scenario: str, width: int, height: int, place: Callable[[Stage], None], *, run: str = "",
    dark: bool = True,
) -> None:  # fmt: skip
    """The window."""
    stage = on_stage(scenario, place, run)
    painted = paint(stage, width, height, WindowView(palette(dark=dark)), measure)
    to_image(painted.drawing, width, height).save(FOLDER / f"window-{name}.png", optimize=True)
    stage.close()


if __name__ == "__main__":
    main()
