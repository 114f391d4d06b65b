"""Bad input of every kind: exit status 2, one line on standard error, nothing on standard output, no traceback.

A row of the table is the content of `x.toml` (what follows `GOOD` begins at its line 6) or of other files, the
arguments, and the whole line that is said: file, line, key, what is wrong, what to do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import GOOD, call

ERA = 'era = "perceptron_1957"'
RUN_B = f'[[run]]\nid = "b"\n{ERA}\ndataset = "or"\n'


WAGER = (
    GOOD + '[[chapter]]\ntitle = "x"\ntext = "y"\n[chapter.question]\nask = "z?"\n'
    + 2 * '[[chapter.question.options]]\ntext = "yes"\nexpect = { event = "converged", op = "happens" }\n'
)  # fmt: skip
RELAY = (
    GOOD + '[relay]\ntask = "t"\nmetric = "mistakes"\nbars = "b"\nchance = 0.5\nshape = [1, 2]\n'
    'answers = ["no", "yes"]\n'
    '[relay.question]\nask = "z?"\n'
    '[[relay.question.options]]\ntext = "y"\nexpect = { run = "a", event = "converged", op = "happens" }\n'
    '[[relay.question.options]]\ntext = "n"\nexpect = { run = "a", event = "converged", op = "never" }\n'
    '[[relay.entry]]\nrun = "a"\nyear = 1957\nname = "n"\ntext = "t"\n'
    '[[relay.entry.says]]\nexpect = { event = "converged", op = "happens" }\nword = "w"\ntext = "t"\n'
)  # fmt: skip
TOO_LARGE = "this number is too large (64 bits are the most). Write a smaller one"


SCENARIOS = {
    # numbers and sizes beyond everything
    "a number beyond 64 bits": (
        GOOD + f"config = {{ rate = 1{'0' * 400} }}\n", f"x.toml:6: run 1.config.rate: {TOO_LARGE}",
    ),
    "a number beyond 64 bits in a list": (
        GOOD.replace('"or"', f"{{ name = 'points', points = [[1{'0' * 400}, 0, 1], [0, 0, -1]] }}"),
        f"x.toml:5: run 1.dataset.points 1 1: {TOO_LARGE}",
    ),
    "a number that Python does not read": (GOOD + f"seed = 1{'0' * 5000}\n", f"x.toml:6: {TOO_LARGE}"),
    "a date in the place of a number": (
        GOOD + "config = { rate = 2026-11-27 }\n",
        "x.toml:6: run 1.config.rate: rate is a number, got 2026-11-27. Write rate = 1.0",
    ),
    "a switch in the place of a number": (
        GOOD + "config = { rate = true }\n",
        "x.toml:6: run 1.config.rate: rate is a number, got true. Write rate = 1.0",
    ),
    "a long text in the place of a number": (
        GOOD + f'config = {{ rate = "{"x" * 3000}" }}\n',
        f"x.toml:6: run 1.config.rate: rate is a number, got '{'x' * 39}... Write rate = 1.0",
    ),
    "a run's id of many letters": (
        GOOD.replace('"a"', f'"{"a" * 65}"'),
        'x.toml:3: run 1.id: this should be a text of at most 64 characters. Write id = "a"',
    ),
    "a study of more runs than can be listed": (
        GOOD + "[study]\nseeds = 1000000000\n",
        "x.toml:6: study: this study would be 1000000000 runs, 100000 are the most. Name fewer values, seeds or draws",
    ),
    "a grid of more runs than can be listed": (
        GOOD + f"[study]\ndraws = 10\nover = {{ rate = {[1 + n / 200 for n in range(150)]}, "
        f"steps = {list(range(1, 150))} }}\n",
        "x.toml:6: study: this study would be 223500 runs, 100000 are the most. Name fewer values, seeds or draws",
    ),
    "a file of a very long name": (
        GOOD.replace('"or"', f'{{ file = "{"x" * 300}" }}'),
        "x.toml:5: run 1.dataset.file: cannot look for this file: File name too long. Give it another name",
    ),
    "a metric in the place of an event": (
        GOOD + '[[expect]]\nevent = "mistakes"\nevidence = "step"\nvalue = 3\n',
        'x.toml:7: expect 1.event: there is no event "mistakes" in Perceptron. It is a metric: metric = "mistakes"',
    ),
    "an event in the place of a metric": (
        GOOD + '[[expect]]\nmetric = "limit_cycle"\nvalue = 3\n',
        'x.toml:7: expect 1.metric: Perceptron reports no metric "limit_cycle". It is an event: event = "limit_cycle"',
    ),
    "a relay with one answer": (
        RELAY.replace('"no", ', ""),
        'x.toml:12: relay.answers: there are two labels, and a word for each. Write answers = ["no", "yes"]',
    ),
    "a relay whose inputs lie nowhere": (
        RELAY.replace("[1, 2]", "[0, 2]"),
        "x.toml:11: relay.shape 1: this should be a whole number, at least 1. Write shape = [1, 2]",
    ),
    "a relay's unknown metric": (
        RELAY.replace('"mistakes"', '"mistaks"'),
        'x.toml:8: relay.metric: Perceptron reports no metric "mistaks". Did you mean "mistakes"?',
    ),
    "a row of a relay that says nothing": (
        RELAY[: RELAY.index("[[relay.entry.says")],
        'x.toml:21: relay.entry 1: the key "says" is missing. Add a [[relay.entry.says]] table',
    ),
    "rows of a study that are not there": (
        GOOD + "[study]\nover = { rate = [1.0] }\n"
        '[[expect]]\nmetric = "mistakes"\nover = "seeds"\nwhere = { rate = 7.0 }\nvalue = 3\n',
        "x.toml:8: expect 1: no row of the study has rate = 7.0. Look at [study] over for the values there are",
    ),
    "a study without a seed": (
        GOOD + "[study]\nseeds = []\n",
        "x.toml:7: study.seeds: this should be a list of at least 1. Write seeds = 10, or a list of seeds",
    ),
    "two answers that are right together": (
        WAGER,
        "x.toml:16: chapter 1.question.options 2.expect: another answer expects the same"
        " (both would be right, or none). Let each answer expect something of its own",
    ),
    "a start at a layer before the first": (
        GOOD + RUN_B + 'start = { from = "a", into = -1 }\n',
        "x.toml:10: run 2.start.into: this should be a whole number, at least 0. Write into = 0",
    ),
    "a start from a layer that is not there": (
        GOOD + RUN_B + 'start = { from = "a", layers = [7] }\n',
        "x.toml:10: run 2.start.layers: there is no layer 7 to start from (the earlier run has 1)."
        " Layers are counted from 0",
    ),
    # names that mean nothing, with the nearest one that does
    "unknown era": (
        GOOD.replace("perceptron_1957", "perceptron_1975"),
        'x.toml:4: run 1.era: there is no era "perceptron_1975". Did you mean "perceptron_1957"?',
    ),
    "unknown data set": (
        GOOD.replace('"or"', '"xorr"'),
        'x.toml:5: run 1.dataset: there is no data set "xorr". Did you mean "xor"?',
    ),
    "unknown data set that is a file": (
        GOOD.replace('"or"', '"points.csv"'),
        'x.toml:5: run 1.dataset: there is no data set "points.csv".'
        ' For a file of your own write dataset = { file = "points.csv" }',
    ),
    "unknown parameter of a data set": (
        GOOD.replace('"or"', '{ name = "or", input = 3 }'),
        'x.toml:5: run 1.dataset.input: this data set has no parameter "input". Did you mean "inputs"?',
    ),
    "unknown knob": (
        GOOD + "config = { rat = 1 }\n",
        'x.toml:6: run 1.config.rat: Perceptron has no knob "rat". Did you mean "rate"?',
    ),
    "unknown knob in a table of its own": (
        GOOD + "[run.config]\nbias = true\nrat = 1\n",
        'x.toml:8: run 1.config.rat: Perceptron has no knob "rat". Did you mean "rate"?',
    ),
    "unknown knob, dotted": (
        GOOD + "config.bias = true\nconfig.rat = 1\n",
        'x.toml:7: run 1.config.rat: Perceptron has no knob "rat". Did you mean "rate"?',
    ),
    "unknown key": (
        GOOD + "sede = 1\n",
        'x.toml:6: run 1.sede: there is no key "sede" here. Did you mean "seed"?',
    ),
    "unknown key at the top": (
        "titel = 1\n" + GOOD,
        'x.toml:1: titel: there is no key "titel" here. Did you mean "title"?',
    ),
    "unknown key in the second run": (
        GOOD + RUN_B + "sede = 1\n",
        'x.toml:10: run 2.sede: there is no key "sede" here. Did you mean "seed"?',
    ),
    "unknown picture": (
        GOOD + '[play]\npictures = ["plan"]\n',
        'x.toml:7: play.pictures: there is no picture "plan". Did you mean "plane"?',
    ),
    "unknown event in an expectation": (
        GOOD + '[[expect]]\nevent = "convergd"\nop = "happens"\n',
        'x.toml:7: expect 1.event: there is no event "convergd" in Perceptron. Did you mean "converged"?',
    ),
    "unknown event in a second expectation": (
        GOOD + '[[expect]]\nevent = "converged"\nop = "never"\n[[expect]]\nevent = "limit_cicle"\nop = "never"\n',
        'x.toml:10: expect 2.event: there is no event "limit_cicle" in Perceptron. Did you mean "limit_cycle"?',
    ),
    "an event that this era does not look for": (
        GOOD + '[[expect]]\nevent = "vanishing"\nop = "never"\n',
        'x.toml:7: expect 1.event: there is no event "vanishing" in Perceptron'
        " (no detector of this era reports it). Known events: converged, limit_cycle, non_finite, turned",
    ),
    "an expectation against what is no number": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nop = "<="\nvalue = inf\n',
        "x.toml:9: expect 1.value: this must be finite, got inf. Write value = 0.5",
    ),
    "an expectation that could not fail": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nvalue = 0\ntol = inf\n',
        "x.toml:9: expect 1.tol: this must be finite, got inf. Write tol = 0.5",
    ),
    "a factor that is no number": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nthan = { metric = "bound", times = nan }\n',
        "x.toml:8: expect 1.than.times: this must be finite, got nan. Write times = 0.5",
    ),
    "a metric against true": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nvalue = true\n',
        "x.toml:8: expect 1.value: a metric is a number, not true. Write value = 0.5",
    ),
    "an expectation at a step that is never reached": (
        GOOD + 'config = { steps = 40 }\n[[expect]]\nmetric = "mistakes"\nof = "at"\nat = 500\nvalue = 0\n',
        "x.toml:10: expect 1.at: step 500 is never reached (the run has 40 steps at most). Choose an earlier step",
    ),
    "two moments at once": (
        GOOD + '[[chapter]]\ntitle = "A"\ntext = "B"\nat = { step = 1, end = true }\n',
        "x.toml:9: chapter 1.at: this names more than one moment."
        ' Write step = 10, event = "..." or end = true',
    ),
    "an empty title": (
        GOOD.replace('title = "T"', 'title = ""'),
        'x.toml:1: title: the title is empty. Write title = "..."',
    ),
    "seconds below zero": (
        "seconds = -1\n" + GOOD,
        "x.toml:1: seconds: this should be a number, at least 0. Write seconds = 1.0",
    ),
    "one value twice in a study": (
        GOOD + "[study]\nover = { rate = [1.0, 1.0] }\n",
        "x.toml:7: study.over.rate: the value 1.0 stands there twice. Name each value once; for more runs say seeds",
    ),
    "one seed twice in a study": (
        GOOD + "[study]\nseeds = [1, 1]\n",
        "x.toml:7: study.seeds: a seed stands there twice (its run would be counted as two). Name each once",
    ),
    "a file where a folder of pictures should be": (
        GOOD.replace('"or"', '{ images = "x.toml" }'),
        'x.toml:5: run 1.dataset.images: "x.toml" is a file, not a folder.'
        " Name a folder with one folder of pictures for each class",
    ),
    "unknown metric": (
        GOOD + '[[expect]]\nmetric = "mistake"\nvalue = 0\n',
        'x.toml:7: expect 1.metric: Perceptron reports no metric "mistake". Did you mean "mistakes"?',
    ),
    "a number that is not counted": (
        GOOD + '[[expect]]\nmetric = "presented"\nvalue = 0\n',
        'x.toml:7: expect 1.metric: "presented" says what a moment is about, and is not counted over a run.'
        " Known metrics: bound, cover_share, label_correlation, largest_sum_accuracy, margin, mean_accuracy, mistakes,"
        " one_lamp_accuracy, pocket_accuracy, separable, test_accuracy, train_error, ...",
    ),
    "unknown evidence": (
        GOOD + '[[expect]]\nevent = "limit_cycle"\nevidence = "periods"\nvalue = 4\n',
        'x.toml:8: expect 1.evidence: "limit_cycle" carries no evidence "periods". Did you mean "period"?',
    ),
    "unknown event in an option of a question": (
        GOOD
        + '[[chapter]]\ntitle = "x"\ntext = "y"\n[chapter.question]\nask = "?"\noptions = [\n'
        + '  { text = "a", expect = { event = "converged", op = "never" } },\n'
        + '  { text = "b", expect = { event = "convergd", op = "happens" } },\n]\n',
        'x.toml:13: chapter 1.question.options 2.expect.event: there is no event "convergd" in Perceptron.'
        ' Did you mean "converged"?',
    ),
    "unknown run in a turn": (
        GOOD + '[[turn]]\nrun = "b"\nstep = 1\nknob = "rate"\nvalue = 1\n',
        'x.toml:7: turn 1.run: there is no run "b". Known runs: a',
    ),
    # wrong types and values out of range
    "wrong type of a key": (
        GOOD + 'seed = "one"\n',
        "x.toml:6: run 1.seed: this should be a whole number, not a text. Write seed = 1",
    ),
    "wrong type of a knob": (
        GOOD + 'config = { rate = "fast" }\n',
        "x.toml:6: run 1.config.rate: rate is a number, got 'fast'. Write rate = 1.0",
    ),
    "a table where a text belongs": (
        GOOD.replace('"a"', "{}"),
        'x.toml:3: run 1.id: this should be a text, not a table. Write id = "a"',
    ),
    "an id with a space": (
        GOOD.replace('"a"', '"a b"'),
        'x.toml:3: run 1.id: this holds small letters, digits, - and _ only. Write id = "a"',
    ),
    "rate out of range": (
        GOOD + "config = { rate = 1000 }\n",
        "x.toml:6: run 1.config.rate: rate = 1000 is out of range. It goes from 0 to 100",
    ),
    "rate is not a number": (
        GOOD + "config = { rate = nan }\n",
        "x.toml:6: run 1.config.rate: rate must be finite, got nan. Write rate = 1.0",
    ),
    "a choice that is none": (
        GOOD + 'config = { order = "cyclical" }\n',
        "x.toml:6: run 1.config.order: order cannot be 'cyclical'. Did you mean \"cyclic\"?",
    ),
    "seed below zero": (
        GOOD + "seed = -1\n",
        "x.toml:6: run 1.seed: this should be a whole number, at least 0. Write seed = 1",
    ),
    "an operator that is none": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nop = "=>"\nvalue = 1\n',
        'x.toml:8: expect 1.op: this cannot be "=>". Did you mean ">"?',
    ),
    "a value turned out of range": (
        GOOD + '[[turn]]\nrun = "a"\nstep = 1\nknob = "rate"\nvalue = -1\n',
        "x.toml:10: turn 1.value: rate = -1 is out of range. It goes from 0 to 100",
    ),
    "a knob that cannot be turned": (
        GOOD + '[[turn]]\nrun = "a"\nstep = 1\nknob = "bias"\nvalue = true\n',
        "x.toml:9: turn 1.knob: bias cannot be turned while the run goes on. Set it in the run's config",
    ),
    "a key is missing": (
        GOOD + '[[chapter]]\ntitle = "x"\n',
        'x.toml:6: chapter 1: the key "text" is missing. Add text = "..."',
    ),
    "no run": ('title = "T"\n', 'x.toml:1: the key "run" is missing. Add a [[run]] table'),
    "single brackets": (
        GOOD.replace("[[run]]", "[run]"),
        "x.toml:2: run: there may be several of these, each with a heading of its own. Write [[run]]",
    ),
    "an expectation about nothing": (
        GOOD + "[[expect]]\nvalue = 1\n",
        'x.toml:6: expect 1: an expectation is about one metric or one event. Write metric = "..." or event = "..."',
    ),
    "nothing to compare with": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nop = "<"\n',
        'x.toml:6: expect 1: "<" needs something to compare with. Write value = ... or than = { metric = ... }',
    ),
    "between the wrong way round": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nop = "between"\nvalue = [3, 1]\n',
        "x.toml:9: expect 1.value: between needs two numbers, the smaller first. Write value = [0.4, 0.6]",
    ),
    "over without a study": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nvalue = 3\nover = "seeds"\n',
        'x.toml:9: expect 1.over: "over = seeds" needs a study. Add a [study] table',
    ),
    "a study of a knob that is none": (
        GOOD + "[study]\nover = { rat = [1, 2] }\n",
        'x.toml:7: study.over.rat: no run has a knob "rat". Did you mean "rate"?',
    ),
    "a study with a value out of range": (
        GOOD + "[study.over]\nrate = [1, 1000]\n",
        "x.toml:7: study.over.rate: rate = 1000 is out of range. It goes from 0 to 100",
    ),
    "full of a key that is not varied": (
        GOOD + "[study]\nover = { rate = [1, 2] }\nfull = { steps = [5] }\n",
        'x.toml:8: study.full.steps: "steps" is not varied'
        " (full says which other values a key of over takes). Name it in over, too",
    ),
    "a study with a range that is none": (
        GOOD + '[study]\nrandom = { rate = "0..1" }\n',
        'x.toml:7: study.random.rate: cannot read the range "0..1".'
        ' Write "log:1e-4..1", "uniform:0..1", "int:2..9" or "choice:a,b,c"',
    ),
    # runs that do not fit together
    "two runs with one id": (
        GOOD + RUN_B.replace('"b"', '"a"'),
        'x.toml:7: run 2.id: two runs are called "a". Give each run its own id',
    ),
    "start from nobody": (
        GOOD + 'start = { from = "b" }\n',
        'x.toml:6: run 1.start: there is no run "b". Known runs: a',
    ),
    "start from itself": (
        GOOD + 'start = { from = "a" }\n',
        'x.toml:6: run 1.start: run "a" would start from itself (a -> a). Let one run of the loop start on its own',
    ),
    "start in a loop": (
        GOOD + 'start = { from = "b" }\n' + RUN_B + 'start = { from = "a" }\n',
        'x.toml:6: run 1.start: run "a" would start from itself (a -> b -> a).'
        " Let one run of the loop start on its own",
    ),
    "a link this era has not": (
        GOOD + 'freeze = ["W0"]\n',
        'x.toml:6: run 1.freeze: Perceptron takes no "freeze". It takes start; take freeze out',
    ),
    # steps
    "a chapter past the last step": (
        GOOD + 'config = { steps = 20 }\n[[chapter]]\ntitle = "x"\ntext = "y"\nat = { step = 21 }\n',
        "x.toml:10: chapter 1.at: step 21 is never reached (the run has 20 steps at most). Choose an earlier step",
    ),
    "a chapter that the run does not reach": (
        GOOD + 'config = { steps = 40 }\n[[chapter]]\ntitle = "x"\ntext = "y"\nat = { step = 40 }\n',
        'x.toml:10: chapter 1.at: this chapter waits for step 40, but run "a" ends at step 4.'
        " Set it at step 4 or earlier, or at = { end = true }",
    ),
    "a chapter at an event that does not come": (
        GOOD + '[[chapter]]\ntitle = "x"\ntext = "y"\nat = { event = "limit_cycle" }\n',
        'x.toml:9: chapter 1.at: this chapter waits for the event limit_cycle, which did not come in run "a"'
        " (events of this run: converged). Name one of these, a step, or at = { end = true }",
    ),
    "a folder for a table": (
        GOOD.replace('dataset = "or"', 'dataset = { file = "." }'),
        'x.toml:5: run 1.dataset.file: "." is a folder, not a table. Name a .csv file',
    ),
    "a turn past the last step": (
        GOOD + 'config = { steps = 20 }\n[[turn]]\nrun = "a"\nstep = 30\nknob = "rate"\nvalue = 1\n',
        "x.toml:9: turn 1.step: step 30 is never reached (the run has 20 steps at most). Choose an earlier step",
    ),
    "a chapter at no time": (
        GOOD + '[[chapter]]\ntitle = "x"\ntext = "y"\nat = {}\n',
        'x.toml:9: chapter 1.at: when? Write step = 10, event = "..." or end = true',
    ),
    # what an era refuses
    "more taps than photocells": (
        GOOD + 'config = { machine = "mark_i" }\n',
        "x.toml:2: run 1: an A-unit cannot have 20 taps (the retina has 2 photocells)",
    ),
    # broken files
    "broken TOML": (
        GOOD + "config = { rate = }\n",
        "x.toml:6: this is not good TOML: Invalid value. Compare with nnhistory show perceptron/or",
    ),
    "a heading without its end": (
        GOOD + "[[expect]\n",
        "x.toml:6: this is not good TOML: Expected ']]' at the end of an array declaration."
        " Compare with nnhistory show perceptron/or",
    ),
    "a list without its end": (
        GOOD + "[play]\npictures = [\n",
        "x.toml:7: this is not good TOML: Invalid value. Compare with nnhistory show perceptron/or",
    ),
    "a key twice": (
        GOOD + 'id = "b"\n',
        "x.toml:6: this is not good TOML: Cannot overwrite a value. Compare with nnhistory show perceptron/or",
    ),
    "empty": ("", "x.toml: this scenario is empty. nnhistory new NAME --era ERA writes one to begin with"),
    "blank": (" \n\n", "x.toml: this scenario is empty. nnhistory new NAME --era ERA writes one to begin with"),
    "huge": (
        GOOD + "#" * 1_000_001,
        "x.toml: this file is too large for a scenario (the limit is 1 MB)."
        ' Keep data apart: dataset = { file = "points.csv" }',
    ),
    "deep": (
        "x = " + "[" * 5000,
        "x.toml: this is nested too deeply for a scenario. Write it flatter",
    ),
    "binary": (
        b"\n\x89PNG\r\n\x1a\n\0\0",
        "x.toml:4: this is not a text file (it holds a zero byte). A scenario is a TOML text file",
    ),
    "another encoding": (
        'title = "T"\nsummary = "é"\n'.encode("latin-1"),
        "x.toml:2: this is not a text file (it is not UTF-8). A scenario is a TOML text file",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), SCENARIOS.values(), ids=SCENARIOS.keys())
def test_a_bad_scenario(
    content: str | bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_bytes(content.encode() if isinstance(content, str) else content)
    got = call(capsys, "run", "x.toml")
    assert got.err == f"nnhistory: {said}\n"
    assert (got.status, got.out) == (2, "")
    # check says the same, and its report names the file
    checked = call(capsys, "check", "x.toml")
    assert checked.err == f"nnhistory: {said}\n"
    assert (checked.status, checked.out) == (2, "bad      x.toml\n1 scenario: 0 good, 0 failed, 1 bad\n")
