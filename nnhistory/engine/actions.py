"""Keys and what they do: the same in the terminal and in the window."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ACTIONS", "BY_KEY", "Action"]


class Action(NamedTuple):
    """One thing a user can do on stage. `keys` use Textual's names (`shift+left`, `question_mark`)."""

    name: str
    keys: tuple[str, ...]
    label: str
    help: str


ACTIONS: tuple[Action, ...] = (
    Action("play_pause", ("space",), "play/pause", "Let the run go on, or hold it where it is."),
    Action("step", ("right",), "step", "One moment forward; at the newest one, compute the next."),
    Action("back", ("left",), "back", "One recorded moment back."),
    Action("step_ten", ("shift+right",), "ten on", "Ten moments forward."),
    Action("back_ten", ("shift+left",), "ten back", "Ten recorded moments back."),
    Action("first", ("home",), "start", "Back to the first moment."),
    Action("last", ("end",), "end", "Compute everything that is left and go to the end."),
    Action("next_event", ("n",), "next ◆", "To the next event (◆ on the time line)."),
    Action("previous_event", ("p",), "previous ◆", "To the event before."),
    Action("faster", ("plus", "equals_sign"), "faster", "Twice as many moments a second."),
    Action("slower", ("minus",), "slower", "Half as many moments a second."),
    Action("restart", ("r",), "restart", "The same run from the start: same seed, same numbers."),
    Action("reseed", ("R",), "other seed", "The same scenario with the next seed."),
    Action("fork", ("f",), "fork", "From here on another setting; the old future stays as a ghost."),
    Action("undo", ("u",), "undo", "The run as the lesson has it, without your changes or the doctor's cure."),
    Action(
        "compare",
        ("c",),
        "compare",
        "Show or hide the ghost; of several runs: two, three, four, six, ten side by side.",
    ),
    Action(
        "xray",
        ("x",),
        "X-ray",
        "This step's arithmetic, with the numbers plugged in; in a net ↑ and ↓, or a click, choose the weight.",
    ),
    Action("doctor", ("y",), "doctor", "What is wrong with this run, by which numbers, and what would cure it."),
    Action(
        "deeper", ("d",), "a layer more", "The same run with one hidden layer more; the earlier run stays as a ghost."
    ),
    Action("shallower", ("D",), "a layer less", "The same run with one hidden layer less."),
    Action("next_init", ("i",), "other init", "The same run with the next way of choosing the first weights."),
    Action("next_unit", ("a",), "other units", "The same run with the next kind of hidden unit."),
    Action("next_lane", ("tab",), "next run", "Look at the scenario's next run."),
    Action("previous_lane", ("shift+tab",), "previous run", "Look at the run before."),
)
"""Digits 1 to 9 choose an answer (`Stage.choose`); `/`, `?` and `q` belong to the front end."""

BY_KEY: dict[str, str] = {key: action.name for action in ACTIONS for key in action.keys}
