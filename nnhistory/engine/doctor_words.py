"""The doctor's words: for each finding what is wrong, why that stops learning, and the lesson that shows it.

In `wrong` the names in braces are filled with the finding's evidence.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["WORDS", "Words"]


class Words(NamedTuple):
    """wrong : one sentence; why : the mechanism, one or two sentences; lesson : id of a scenario that shows it."""

    name: str
    wrong: str
    why: str
    lesson: str


WORDS: dict[str, Words] = {
    "bad_scale": Words(
        "bad scale of inputs",
        "The inputs' root mean square is {rms}; the spread of one is up to {ratio} times that of another.",
        "A unit's sum grows with its inputs: too large, and it sits at an end of its range or the steps overshoot.",
        "adaline/bowl",
    ),
    "batchnorm_gap": Words(
        "BatchNorm: gap between train and test mode",
        "Normalised by its own batch the net gets {batch} of the test set right, with the running averages {running}.",
        "In test mode running averages normalise a layer. They do not stand for the data (batches of {size}).",
        "deep/batchnorm",
    ),
    "exploding": Words(
        "exploding gradient",
        "The error signal grows by a factor of {factor} for each layer on its way back: {first} in the first layer.",
        "Each layer's weights stretch the signal. The product over all layers makes any step too long for the lowest.",
        "deep/init-lab",
    ),
    "saturated": Words(
        "saturated units",
        "Before the first step {share} of the outputs of hidden layer {layer} sit at an end of their range.",
        "At an end of its range a unit has next to no slope, so the error signal stops there.",
        "backprop/saturation",
    ),
    "symmetric_units": Words(
        "symmetric units",
        "{units} of {of} units of hidden layer {layer} have the same weights in and out, and stay twins.",
        "Equal units get equal errors, so they change alike: many units do the work of one.",
        "backprop/zero-init",
    ),
    "vanishing": Words(
        "vanishing gradient",
        "The first layer's gradient is {first}, the last one's {last}: {factor} is left of the error signal per layer.",
        "Each layer multiplies the error by its slopes and weights. The low layers hardly hear of it, at any rate.",
        "backprop/vanishing",
    ),
    "rate_too_high": Words(
        "learning rate too high",
        "At rate {rate} the steps are too long: the error goes from {first} to {last}.",
        "The slope holds only nearby. A step beyond that lands higher up, and the next one may be longer still.",
        "adaline/too-fast",
    ),
    "divergence": Words(
        "divergence",
        "The error has run away: {last} at step {step}, {least} at its lowest.",
        "Steps that make the error larger make the next slope steeper: nothing brings such a run back.",
        "adaline/too-fast",
    ),
    "dead_units": Words(
        "dead units",
        "{count} of {units} ReLUs of hidden layer {layer} are 0 for every training pattern; at first {born} were.",
        "A ReLU that is off for every pattern passes no gradient on, so its weights never change again.",
        "deep/dead-relu",
    ),
    "not_separable": Words(
        "not separable",
        "No weights of this unit get every pattern right.",
        "A state that comes back proves it: if such weights existed, the rule would have stopped (Novikoff 1962). "
        "So does a linear programme that has no solution (separable 0).",
        "perceptron/xor",
    ),
    "limit_cycle": Words(
        "limit cycle",
        "The weights of step {first} are back in step {again}, with {changes} changes in between.",
        "The rule is a function of weights and pattern: from an equal state on, everything repeats for ever.",
        "perceptron/xor",
    ),
    "misclassifies_separable": Words(
        "least squares is not least errors",
        "The points can be separated, and the least-squares weights still get some wrong.",
        "LMS makes the squared distance small. Points far on the right side pull the line, too.",
        "adaline/versus-perceptron",
    ),
    "hang_up": Words(
        "hang-up",
        "No trial flip reduces the errors any more, and patterns are still wrong.",
        "Rule II accepts only what helps at once. Where no single flip does, it stands still.",
        "madaline/hang-up",
    ),
    "likelihood_falls": Words(
        "likelihood falls",
        "The log-likelihood fell from {peak} to {now}; the reconstruction error went from {recon_peak} to {recon_now}.",
        "CD is not the likelihood's slope. What everybody watches, the reconstruction, does not show it.",
        "rbm/bars-and-stripes",
    ),
    "labels_shuffled": Words(
        "labels unrelated to inputs",
        "Test patterns right: {test}. Naming the commonest class gets {base}. The gradient is in order, {gradient}.",
        "What is learned, if anything, holds for no other pattern: labels mixed up, or inputs that do not tell.",
        "perceptron/mark-i-digits",
    ),
    "rate_too_low": Words(
        "learning rate too low",
        "At rate {rate} a step moves the weights by {moves} of their size; in {steps} steps the error fell by {fell}.",
        "Around a thousandth is usual. The way down is open, the steps are too short for it.",
        "adaline/bowl",
    ),
    "local_minimum": Words(
        "local minimum",
        "Flat for {flat_for} steps at an error of {loss}, {wrong} of {patterns} patterns wrong: stuck, not solved.",
        "The slope is next to nothing and the outputs differ: these weights suit some patterns and bar the others.",
        "backprop/xor-stuck",
    ),
    "overfitting": Words(
        "overfitting",
        "The share of training patterns that are right is {train}, that of test patterns only {test}.",
        "The net has learned its training patterns one by one, with what is accidental in them.",
        "backprop/digits",
    ),
    "underfitting": Words(
        "underfitting",
        "The error hardly falls any more: {loss}, {share} of guessing. Of the training patterns {error} are wrong.",
        "Better than guessing, no longer getting better, even on what it is shown: it has too few means.",
        "backprop/xor",
    ),
    "plateau": Words(
        "plateau",
        "The error has stayed near {loss} for {flat_for} steps, {wrong} of the patterns are wrong.",
        "Flat is not stuck for ever: some plateaus are left after a long time.",
        "backprop/vanishing",
    ),
}  # fmt: skip
