"""The home screen: a thin shell around `home_picture`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import heads, walkthrough
from nnhistory.terminal.grid_view import GridView
from nnhistory.terminal.home_picture import HomeView, paint_home
from nnhistory.terminal.sheets import Sheet

if TYPE_CHECKING:
    from nnhistory.terminal.app import WalkthroughApp

__all__ = ["Home"]

_HELP = """\
The time line shows when each idea came. Choose an era with ← and →, a lesson with ↑ and ↓, open it with ⏎.

○ open   ● seen to its end   ◆ you wagered, and saw why it broke
· comes later   ░ a winter: money and interest went elsewhere, the work went on

/ searches all lessons.   m lists the topics of the notes, each with its lessons, and what is often told otherwise.
t light or dark   ctrl+p all commands   q quits.
Your place is remembered; nnhistory --forget clears it."""


class Home(Screen[None]):
    """See the module's text."""

    app: WalkthroughApp

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", show=False),
        Binding("right", "move(1, 0)", show=False),
        Binding("up", "move(0, -1)", show=False),
        Binding("down", "move(0, 1)", show=False),
        Binding("home", "move(-99, 0)", show=False),
        Binding("end", "move(99, 0)", show=False),
        Binding("enter,space", "open", show=False),
        Binding("question_mark", "help", show=False),
        Binding("t", "light", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._stops = walkthrough()
        self._heads = {head.id: head for head in heads(self.app.lang)}
        registry = Registry()
        self._told = {stop.era: registry.manifest(stop.era).history for stop in self._stops if stop.era}
        self.view = HomeView(self.app.look, lang=self.app.lang)
        self._places: list[tuple[object, str, int]] = []

    def compose(self) -> ComposeResult:
        yield GridView(id="home")

    def on_mount(self) -> None:
        self.find(self.app.progress.last)

    def on_screen_resume(self, _: events.ScreenResume) -> None:
        self.find(self.app.progress.last)
        self.paint()

    def on_resize(self, _: events.Resize) -> None:
        self.paint()

    def find(self, scenario: str) -> None:
        """Select this lesson, if it is one of ours."""
        for index, stop in enumerate(self._stops):
            lessons = [name for name in stop.scenarios if name in self._heads]
            if scenario in lessons:
                self.view.stop, self.view.lesson = index, lessons.index(scenario)

    def paint(self) -> None:
        """Draw what is selected now."""
        self.view.look = self.app.look
        over = self.app.screen
        columns, rows = over.place.picture if isinstance(over, Sheet) else self.size
        grid, places = paint_home(self._stops, self._heads, self._told, self.app.progress, columns, rows, self.view)
        self._places = list(places)
        self.query_one(GridView).show(grid)

    @property
    def _lessons(self) -> list[str]:
        return [name for name in self._stops[self.view.stop].scenarios if name in self._heads]

    def action_move(self, stops: int, lessons: int) -> None:
        """Along the time line, or down the lessons."""
        if stops:
            self.view.stop = min(len(self._stops) - 1, max(0, self.view.stop + stops))
            self.view.lesson = 0
        elif self._lessons:
            self.view.lesson = (self.view.lesson + lessons) % len(self._lessons)
        self.view.note = ""
        self.paint()

    def action_open(self) -> None:
        """Open the selected lesson."""
        if self._lessons:
            self.app.open_lesson(self._lessons[self.view.lesson])
        else:
            self.view.note = "Nothing was played in these years: ← and → lead to eras with lessons."
            self.paint()

    def action_help(self) -> None:
        """What the signs mean."""
        self.app.push_screen(_HomeHelp())
        self.paint()

    def action_light(self) -> None:
        """Light or dark."""
        self.app.switch_light()
        self.paint()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        for box, kind, index in self._places:
            if box.holds(event.x + 0.5, event.y + 0.5):  # type: ignore[attr-defined]
                if kind == "stop":
                    self.view.stop, self.view.lesson = index, 0
                    self.paint()
                else:
                    self.view.lesson = index
                    self.action_open()
                return


class _HomeHelp(Sheet[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter,space", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(_HELP))
