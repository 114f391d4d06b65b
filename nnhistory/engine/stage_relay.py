"""What a user does on a relay's board: choose a row, open it and come back, hold the computing."""

from __future__ import annotations

from nnhistory.engine.relay import RelayShow
from nnhistory.engine.stage_base import ABREAST, StageBase

__all__ = ["StageRelay"]


class StageRelay(StageBase):
    """Of a stage without a relay, all of this is without effect, but for `stand_still`."""

    def on_board(self, relay: RelayShow, action: str) -> str:
        """Do one of `ACTIONS` there; what it came to, in a few words."""
        match action:
            case "play_pause" if relay.held:
                relay.held = False
                return "it goes on"
            case "play_pause" if not relay.done and self._runner is not None:
                relay.hold(self._runner)
                return "held: what is finished stays; space goes on"
            case "compare":
                self.open_row()
                self.abreast = min(ABREAST[-1], len(self.pool))
                return f"{self.abreast} nets side by side; tab: the next one, c: one alone, esc: back to the board"
            case "next_lane" | "previous_lane":
                self.choose_row(1 if action == "next_lane" else -1)
                return ""
        return "this is the board of all nets: ⏎ opens the selected one"

    def stand_still(self) -> None:
        """Nothing is to move by itself."""
        for lane in self.lanes:
            lane.playhead.pause()
        self.message = "nothing moves by itself: → steps, space plays"
        if self.relay is not None:
            self.relay.held, self.message = True, "nothing moves by itself: space starts the nets"

    def choose_row(self, step: int) -> None:
        """On the relay's board: the next row, or the one before."""
        if self.relay is not None:
            self.relay.select(self.relay.selected + step)

    def click_row(self, row: object) -> bool:
        """A row of the board was clicked: it is selected, or opened if it is so already. False if it was no row."""
        if self.scores is None or not isinstance(row, int):
            return False
        if row == self.scores.selected:
            self.open_row()
        else:
            self.scores.select(row)
        return True

    def open_row(self) -> str:
        """From the relay's board to the selected net's own story."""
        relay = self.scores
        if relay is None:
            return ""
        relay.open, self.abreast = False, 1
        lane = relay.lane(relay.entry)
        said = self.select(self.lanes.index(lane))
        if not lane.looked:
            lane.playhead.play()
        self.message = f"{said}; esc: back to the board"
        return self.message

    def back_to_board(self) -> bool:
        """From a net's own story to the relay's board. False if there is no board, or it is shown already."""
        if self.relay is None or self.relay.open:
            return False
        self.relay.open, self.message = True, ""
        return True

    def cancel(self) -> bool:
        """Stop the relay where it is; what is finished stays. False if nothing was being computed there."""
        relay = self.scores
        if relay is None or relay.done or relay.held or self._runner is None:
            return False
        relay.hold(self._runner)
        self.message = "stopped: what is finished stays; space goes on, esc again leaves"
        return True
