"""Display of a running job in a notebook: picture and progress."""

from __future__ import annotations

import base64
import html
import importlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._job import Job, Report

PREVIEW_EVERY_S = 1.0
_BAR_EVERY_S = 0.2


def here() -> bool:
    """Whether the program is a notebook's kernel."""
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


@contextmanager
def shown(job: Job) -> Iterator[None]:
    """Shows the job while its wait() runs, unless it is shown already or has `progress`. The cell then shows the
    picture."""
    if not here() or job.is_watched:
        yield
        return
    live = Live(job)
    try:
        yield
    finally:
        live.clear()


class Live:
    """A display of a job. The job's thread calls it with each report, and with None at the end."""

    def __init__(self, job: Job):
        ipython: Any = importlib.import_module("IPython.display")
        self._job, self._html = job, ipython.HTML
        self._picture, self._updated_s = "", 0.0
        self._cleared = False
        self._handle = ipython.display(self._html(_line(0, str(job))), display_id=True)
        job.watch(self)

    def __call__(self, report: Report | None) -> None:
        if self._cleared:
            return
        if report is None:
            self._end()
            return
        now = time.monotonic()
        if report.picture:
            data = base64.b64encode(report.picture._repr_png_()).decode()
            self._picture = f'<br><img alt="the picture so far" src="data:image/png;base64,{data}">'
        elif now - self._updated_s < _BAR_EVERY_S:
            return
        self._updated_s = now
        self._handle.update(self._html(_line(report.done, _left(report)) + self._picture))

    def _end(self) -> None:
        picture = self._job.result
        self._handle.update(picture if picture is not None else self._html(html.escape(str(self._job))))

    def clear(self) -> None:
        """Clears the display."""
        self._cleared = True
        self._handle.update(self._html(""))


def _line(done: float, text: str) -> str:
    return f'<progress value="{done:.4f}" max="1" style="width: 20em"></progress> {html.escape(text)}'


def _left(report: Report) -> str:
    """Returns a text such as "42 %, 12 s left, 512 x 384 px, loss 0.31"."""
    left = f", {report.seconds / report.done * (1 - report.done):.0f} s left" if report.done > 0.02 else ""
    return f"{100 * report.done:.0f} %{left}, {report.width} x {report.height} px, loss {report.loss:.4g}"
