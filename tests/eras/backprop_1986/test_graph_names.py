"""Units of the picture of a net have names, also where there is no room to write them."""

from __future__ import annotations

from nnhistory.core.scene import Graph, Size
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.eras.backprop_1986 import view
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load


def graph(name: str, run: str) -> Graph:
    loaded = load(find(name))
    plan = next(one for one in make_plans(loaded.scenario, Registry(), source=loaded.source) if one.id == run)
    drive = Drive(plan, Registry())
    recording = MemoryRecording(drive.header)
    for frame in drive.advance(2).frames:
        recording.append(frame)
    marks = view.scene(recording.frames[0], recording, Size(120, 40)).panel("net").marks
    return next(mark for mark in marks if isinstance(mark, Graph))


def test_every_unit_of_a_large_net_has_its_name() -> None:
    net = graph("relay/plain-digits", "deep")
    assert net.labels == ()
    assert len(net.node_names) == len(set(net.node_names)) == len(net.xy)
    ends = {end for link in net.links for end in link.split(" → ")}
    assert ends == set(net.node_names), "units are called what the weights between them call them"
    assert "what it looks for" in net.node_hint


def test_small_nets_say_what_the_picture_in_a_unit_is() -> None:
    net = graph("backprop/xor", "xor")
    assert set(net.labels) == set(net.node_names)
    assert "its output everywhere" in net.node_hint
