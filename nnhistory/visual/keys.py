"""pygame's keys by the names that both front ends use."""

from __future__ import annotations

import pygame

__all__ = ["key_name"]

_BY_TEXT = {"?": "question_mark", "/": "slash", "+": "plus", "=": "equals_sign", "-": "minus", "−": "minus"}
_BY_KEY = {
    pygame.K_SPACE: "space", pygame.K_LEFT: "left", pygame.K_RIGHT: "right", pygame.K_UP: "up",
    pygame.K_DOWN: "down", pygame.K_HOME: "home", pygame.K_END: "end", pygame.K_TAB: "tab",
    pygame.K_RETURN: "return", pygame.K_KP_ENTER: "return", pygame.K_ESCAPE: "escape",
    pygame.K_BACKSPACE: "backspace", pygame.K_DELETE: "delete", pygame.K_F11: "f11",
}  # fmt: skip


def key_name(key: int, mod: int, text: str) -> str:
    """`shift+left`, `question_mark`, `R`, `5`, ..."""
    if key == pygame.K_c and mod & pygame.KMOD_CTRL:
        return "ctrl+c"
    if key in _BY_KEY:
        shift = "shift+" if mod & pygame.KMOD_SHIFT and key in (pygame.K_LEFT, pygame.K_RIGHT, pygame.K_TAB) else ""
        return shift + _BY_KEY[key]
    return _BY_TEXT.get(text, text)
