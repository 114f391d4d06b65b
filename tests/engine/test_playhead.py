"""The playhead moves by the clock it is told, waits where nothing is recorded, and asks for just enough."""

from __future__ import annotations

from nnhistory.core.events import Event
from nnhistory.engine.playhead import SPEEDS, Playhead, last_tick
from nnhistory.engine.recording import MemoryRecording
from tests.engine.helpers import frame, header


def recording(count: int, *, complete: bool = True, event_at: int | None = None) -> MemoryRecording:
    made = MemoryRecording(header())
    for tick in range(count):
        events = (Event(tick, tick, "converged", {}),) if tick == event_at else ()
        made.append(frame(tick, events=events))
    if complete:
        made.finish()
    return made


def test_it_moves_with_the_clock() -> None:
    head, made = Playhead(speed=10), recording(100)
    head.advance(0.0, made)
    for number in range(1, 11):
        head.advance(number / 10, made)
    assert head.tick == 10


def test_a_pause_of_the_clock_is_not_caught_up() -> None:
    head, made = Playhead(speed=10), recording(100)
    head.advance(0.0, made)
    head.advance(60.0, made)
    assert head.tick <= 3, "a laptop that slept does not skip the lesson"


def test_it_waits_at_the_newest_moment_and_stops_at_the_end() -> None:
    head, made = Playhead(speed=100), recording(5, complete=False)
    for number in range(20):
        head.advance(number / 10, made)
    assert head.tick == 4
    assert head.playing
    made.finish()
    head.advance(3.0, made)
    assert not head.playing


def test_credit_is_a_tenth_of_a_second_ahead() -> None:
    head, made = Playhead(speed=1000), recording(5, complete=False)
    head.advance(0.0, made)
    assert head.goal <= 0 + 2 + 100
    assert head.goal > 50


def test_step_and_back_are_exact_inverses_inside_a_recording() -> None:
    head, made = Playhead(), recording(50)
    for _ in range(7):
        head.step(made)
    assert head.tick == 7
    assert not head.playing
    for _ in range(7):
        head.back(made)
    assert head.tick == 0
    head.back(made)
    assert head.tick == 0


def test_a_step_at_the_newest_moment_asks_for_one_more_and_goes_there() -> None:
    head, made = Playhead(), recording(3, complete=False)
    head.pause()
    head.seek(2, made)
    goal = head.goal
    head.step(made)
    assert head.goal == max(goal, 4)
    assert not head.arrive(made)
    made.append(frame(3))
    assert head.arrive(made)
    assert head.tick == 3


def test_ten_steps_at_the_newest_moment_ask_for_ten() -> None:
    head, made = Playhead(), recording(3, complete=False)
    head.seek(1, made)
    head.step(made, 10)
    assert head.goal == 12
    for tick in range(3, 12):
        made.append(frame(tick))
        head.arrive(made)
    assert head.tick == 11


def test_events_are_found_both_ways() -> None:
    head, made = Playhead(), recording(20, event_at=9)
    assert head.next_event(made)
    assert head.tick == 9
    assert not head.next_event(made)
    head.seek(15, made)
    assert head.previous_event(made)
    assert head.tick == 9


def test_speed_goes_up_and_down_in_doublings_and_stays_in_range() -> None:
    head = Playhead(speed=4)
    head.faster()
    assert head.speed == 8
    for _ in range(40):
        head.faster()
    assert head.speed == SPEEDS[-1]
    for _ in range(40):
        head.slower()
    assert head.speed == SPEEDS[0]


def test_an_empty_recording_has_no_moment_to_go_to() -> None:
    assert last_tick(MemoryRecording(header())) == 0
