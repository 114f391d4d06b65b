"""Numbers as the screens print them: three significant digits, a real minus sign, powers of ten as 1e-4."""

from __future__ import annotations

import math

__all__ = ["MINUS", "as_text", "counted", "fixed", "in_words", "key_in_words", "plain", "signed"]

MINUS = "−"

_SHORT = {
    "train": "training", "act": "activation", "sd": "spread", "grad": "gradient", "rms": "RMS",
    "recon": "reconstruction", "mse": "mean square error", "ll": "log-likelihood", "z": "Z", "ais": "AIS",
    "snr": "SNR", "pca": "PCA",
}  # fmt: skip
"""What stands short in the names of metrics, and how it is read."""


def plain(value: float, digits: int = 3) -> str:
    """`0.125`, `1e-4`, `−2`, `12000`. Whole numbers below a million stay whole."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == int(value) and abs(value) < 1e6:
        text = str(abs(int(value)))
    else:
        size = abs(value)
        if 1e-3 <= size < 1e6:
            text = f"{size:.{digits}g}"
            if "e" in text:
                text = str(round(size))
        else:
            mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
            mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
            text = f"{mantissa}e{int(exponent)}"
    return f"{MINUS}{text}" if value < 0 else text


def signed(value: float, digits: int = 3) -> str:
    """As `plain`, with + or − always in front."""
    text = plain(abs(value), digits)
    return f"{MINUS}{text}" if value < 0 else f"+{text}"


def as_text(value: object, digits: int = 3) -> str:
    """A setting or a piece of evidence: a number as `plain` has it, anything else in its own words."""
    return plain(value, digits) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def fixed(value: float, width: int, digits: int = 3) -> str:
    """As `plain`, right-aligned in `width` cells so that columns stand still while numbers change."""
    return plain(value, digits).rjust(width)


def counted(number: float, noun: str) -> str:
    """`1 mistake`, `3 mistakes`, `0 mistakes`. noun : a word that takes an s."""
    return f"{plain(number)} {noun}" if number == 1 else f"{plain(number)} {noun}s"


def in_words(metric: str) -> str:
    """A metric's name for people: `train_loss` is training loss, `act_sd/9` activation spread, layer 10 (from 1)."""
    name, _, part = metric.replace("_", " ").partition("/")
    name = " ".join(_SHORT.get(word, word) for word in name.split(" "))
    return f"{name}, layer {int(part) + 1}" if part.isdigit() else f"{name}, {part}" if part else name


def key_in_words(key: str) -> str:
    """A study's key for people: `net.bias_init` is bias init."""
    return key.rsplit(".", 1)[-1].replace("_", " ")
