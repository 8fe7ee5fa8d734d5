"""Jobs: requests that run on their own threads and can be changed and watched."""

from __future__ import annotations

import atexit
import collections
import contextlib
import ctypes
import dataclasses
import math
import os
import threading
import weakref
from collections.abc import Callable, Generator
from typing import Any

from . import _notebook, _settings
from ._image import Picture, Source
from ._library import (BackendError, Error, Handle, JobFunc, JobPlan, SettingError, encode, encode_path,
                       keyword, library, number, strings, whole)
from ._models import VAE, StyleNetwork

# RvJobReportType and RvJobStatus (job.h).
_PROGRESS, _PREVIEW = 0, 1
_STATUS = ("new", "running", "paused", "done", "failed")

# Model classes of the kinds that make one.
_MODELS: dict[str, Callable[[int], Any]] = {"learn": StyleNetwork._of_tensors, "vae-train": VAE._of_tensors}


@dataclasses.dataclass
class Report:
    """Report of an iteration of a run."""

    iteration: int  #: 1 ..., over all stages
    iterations: int
    stage: int  #: 1 ...: scales, or octaves
    stages: int
    width: int  #: px, of this stage
    height: int
    loss: float  #: loss of the picture before the step of this iteration
    losses: dict[str, float]  #: terms of `loss`, by name
    seconds: float  #: since the run began
    done: float  #: 0 to 1
    picture: Picture | None = None  #: preview; None in other reports
    validation_loss: float = math.nan  #: training: last loss on the validation set; NaN: none
    frame: int = 0  #: videos and image sequences: 1 ...; else 0
    frames: int = 0  #: number of frames; 0: unknown
    note: str = ""  #: message for the user, such as a skipped photograph


@dataclasses.dataclass(frozen=True)
class Plan:
    """Estimated cost of a run."""

    width: int  #: px, of the result
    height: int
    peak_bytes: int  #: upper bound for the whole process
    seconds: float  #: on this machine
    stages: int
    tiles: int  #: tiles of the last stage; 1: no tiling
    iterations: int
    backend: str


class Snapshot(Handle):
    """The state of a run after an iteration, in memory: one of Job.snapshots. Job.branch() continues from it."""

    iteration: int  #: 1 ...
    stage: int  #: 1 ...
    seconds: float  #: since the run began
    done: float  #: 0 to 1

    def __init__(self) -> None:
        raise TypeError("snapshots come from Job.snapshots")

    @classmethod
    def _of_pointer(cls, pointer: int) -> Snapshot:
        """Adds a reference."""
        snapshot = cls.__new__(cls)
        snapshot._pointer = library.rv_snapshot_ref(pointer)
        weakref.finalize(snapshot, library.rv_snapshot_unref, pointer).atexit = False
        snapshot.iteration = library.rv_snapshot_iteration(pointer)
        snapshot.stage = library.rv_snapshot_stage(pointer)
        snapshot.seconds = library.rv_snapshot_seconds(pointer)
        snapshot.done = library.rv_snapshot_done_01(pointer)
        return snapshot

    def __repr__(self) -> str:
        return f"<reverie.Snapshot {self.iteration}>"

    @property
    def picture(self) -> Picture:
        """The picture, at most 512 px wide and high."""
        return Picture._of_pointer(library.rv_snapshot_picture(self._pointer))


class Job(Handle):
    """A request: inputs by role, settings by keyword. A job runs once, on its own thread.

        job = Job("style", size=512).add("content", "photo.jpg").add("style", "painting.jpg")
        job.start()
        picture = job.wait()  # or: await job

    `progress` is called with a Report of each iteration, on the thread that waits. Its exceptions and Ctrl-C stop the
    run; wait() raises them. Every `preview_every` seconds a report has a picture, the newest one; 0: never. All other
    methods may be called from any thread at any time.
    """

    def __init__(self, kind: str, /, *, progress: Callable[[Report], object] | None = None,
                 preview_every: float = 0, **settings: Any):
        self._own(library.rv_job_new(encode(kind)), kind, progress, preview_every)
        self.set(**settings)

    @classmethod
    def _of_pointer(cls, pointer: int, kind: str, progress: Callable[[Report], object] | None, preview_every: float,
                    settings: dict[str, Any]) -> Job:
        """Takes over the reference."""
        job = cls.__new__(cls)
        job._own(pointer, kind, progress, preview_every)
        job._has_begun = True
        job.set(**settings)
        return job

    def _own(self, pointer: int, kind: str, progress: Callable[[Report], object] | None, preview_every: float) -> None:
        self._pointer = pointer
        # Finalizers do not run at exit: a thread may still use the job, and the process frees all memory.
        weakref.finalize(self, library.rv_job_unref, self._pointer).atexit = False
        self._cancellable = library.g_cancellable_new()
        weakref.finalize(self, library.g_object_unref, self._cancellable).atexit = False
        self.kind = kind
        self._options = _settings.options(*_settings.of_job(kind))
        self._progress = progress
        self._preview_every = (number("preview_every", preview_every or 0)
                               or (_notebook.PREVIEW_EVERY_S if _notebook.here() else 0))
        self._watchers: list[Callable[[Report | None], object]] = []
        self._thread: threading.Thread | None = None
        self._is_paused = False  # a pause is requested
        self._has_begun = False  # True: settings are set one by one; rv_job_set_json() refuses a branch
        self._changed = threading.Condition()  # protects all following attributes
        self._reports: collections.deque[Report] = collections.deque()
        self._ended = False
        self._error: Error | None = None
        self._wakers: set[Callable[[], object]] = set()  # callbacks that wake tasks which await the job

    def __repr__(self) -> str:
        return f"<reverie.Job {self.kind}, {self.status}>"

    # ---- inputs and settings -----------------------------------------------------------------------------------------

    @_settings.with_inputs
    def add(self, role: str, *sources: Source) -> Job:
        """Adds inputs of a role, in this order, and returns the job. Raises SettingError if there is no such role."""
        for source in sources:
            if isinstance(source, (str, os.PathLike)):
                library.rv_job_add_file(self._pointer, encode(role), encode_path(source))
            else:
                picture = Picture(source)
                library.rv_job_add_picture(self._pointer, encode(role), picture._pointer)
        return self

    def change(self, role: str, *sources: Source) -> None:
        """Replaces all inputs of a role.

        Call it before the run. A branch of a "style" job, and a job that resumes, may have other masks (one for each
        style, or none) and another protected area.
        """
        if all(isinstance(source, (str, os.PathLike)) for source in sources):
            files = (ctypes.c_char_p * len(sources))(*map(encode_path, sources))
            library.rv_job_change_files(self._pointer, encode(role), files, len(sources))
        else:
            pictures = [Picture(source) for source in sources]
            pointers = (ctypes.c_void_p * len(sources))(*(picture._pointer for picture in pictures))
            library.rv_job_change_pictures(self._pointer, encode(role), pointers, len(sources))

    def set(self, **settings: Any) -> None:
        """Sets all settings, or none if one is wrong; None means the preset's value.

        During the run, and in jobs of branch() and pick(), settings that may change are set one by one, from the next
        iteration on; None changes nothing. Raises SettingError.
        """
        settings = {name: _settings.plain(value) for name, value in settings.items()}
        if self._thread is None and not self._has_begun:
            in_json = {name: value for name, value in settings.items() if _settings.is_unicode(value)}
            library.rv_job_set_json(self._pointer, _settings.to_json(in_json))
            settings = {name: value for name, value in settings.items() if name not in in_json}
        for name, value in settings.items():
            if value is not None:
                library.rv_job_set(self._pointer, encode(_settings.option_name(name)),
                                   encode(_settings.to_text(value)))

    def get(self, name: str) -> Any:
        """Returns the value of a setting; None for a number or choice that is not set. Raises SettingError if there is
        none of that name."""
        text = library.take_text(library.rv_job_get(self._pointer, encode(_settings.option_name(name))))
        return _settings.from_text(self._options[keyword(_settings.option_name(name))], text)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings, by keyword argument."""
        return {name: self.get(name) for name in self._options}

    def check(self) -> None:
        """Checks the settings and the headers of the input files, as a run does first. Raises the error that it
        finds."""
        library.rv_job_check(self._pointer, True)

    def plan(self) -> Plan:
        """Returns the estimated cost of the run. The job can be run afterwards."""
        plan = JobPlan()
        library.rv_job_plan_sized(self._pointer, plan, ctypes.sizeof(plan))
        return Plan(plan.width, plan.height, plan.peak_bytes, plan.seconds, plan.n_stages, plan.n_tiles,
                    plan.n_iterations, plan.backend.decode())

    # ---- run ---------------------------------------------------------------------------------------------------------

    def start(self) -> Job:
        """Starts the run and returns at once.

        Python exits only after all started jobs have ended; it stops paused ones. stop() or cancel() ends a job early.
        """
        if not self._start():
            raise SettingError("the job has begun already; it runs once")
        return self

    def _start(self) -> bool:
        """Starts the thread. Returns False if it was started before."""
        thread = self._thread
        if thread and thread.ident is not None and not thread.is_alive() and not self._ended:
            raise BackendError("the job runs in the process that this one was forked from: start processes with "
                               "multiprocessing.get_context('spawn')")
        with self._changed:
            if self._thread is not None:
                return False
            thread = threading.Thread(target=self._run, name=f"reverie {self.kind}")
            _running.add(self)
            self._thread = thread  # set before it runs: an interrupt may come while it starts
            try:
                thread.start()
            except RuntimeError:  # no more threads: the job is unchanged
                _running.discard(self)
                self._thread = None
                raise
        return True

    def _join(self) -> None:
        if self._thread and self._thread.ident is not None:  # else the thread never started
            self._thread.join()

    def stop(self) -> None:
        """Ends the run after this iteration. The picture reached is the result."""
        library.rv_job_stop(self._pointer)

    def cancel(self) -> None:
        """Ends the run as soon as possible, without a result: wait() raises Cancelled."""
        library.g_cancellable_cancel(self._cancellable)

    def pause(self) -> None:
        """Pauses the run after this iteration, until resume(), stop() or cancel()."""
        self._is_paused = True
        library.rv_job_pause(self._pointer)

    def resume(self) -> None:
        """Ends a pause."""
        self._is_paused = False
        library.rv_job_resume(self._pointer)

    # ---- snapshots and branches --------------------------------------------------------------------------------------

    def keep_snapshots(self, every: int = 0, *, every_s: float = 0, count: int = 20, bytes: int = 1 << 30) -> Job:
        """Keeps a snapshot in memory every `every` iterations or `every_s` seconds.

        At most `count` snapshots of `bytes` in all are kept. Beyond that, snapshots closest to others are dropped
        first.
        """
        library.rv_job_keep_snapshots(self._pointer, whole("every", every, 64), number("every_s", every_s),
                                      whole("count", count), whole("bytes", bytes, 64))
        return self

    @property
    def snapshots(self) -> list[Snapshot]:
        """Snapshots of the run, earliest first."""
        array = library.rv_job_snapshots(self._pointer)
        try:
            return [Snapshot._of_pointer(array.contents.pdata[i]) for i in range(array.contents.len)]
        finally:
            library.g_ptr_array_unref(array)

    def branch(self, snapshot: Snapshot, /, *, progress: Callable[[Report], object] | None = None,
               preview_every: float = 0, **settings: Any) -> Job:
        """Returns a new job that continues from a snapshot of this job, with settings that may change during a run."""
        if not isinstance(snapshot, Snapshot):  # another pointer would crash
            raise TypeError(f"a Snapshot is needed, not {type(snapshot).__name__}")
        return Job._of_pointer(library.rv_job_branch(self._pointer, snapshot._pointer), self.kind, progress,
                               preview_every, settings)

    def pick(self, cell: str, /, *, progress: Callable[[Report], object] | None = None, preview_every: float = 0,
             **settings: Any) -> Job:
        """Returns a new job that makes a cell of this sheet, such as "3c", at full size.

        The job must be of a kind that explores. Raises SettingError for a wrong cell.
        """
        return Job._of_pointer(library.rv_job_pick(self._pointer, encode(cell)), self.kind.removeprefix("explore-"),
                               progress, preview_every, settings)

    # ---- state -------------------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """"new", "running", "paused", "done" (also after stop()) or "failed" (also after cancel())."""
        return _STATUS[library.rv_job_status(self._pointer)]

    @property
    def stopped(self) -> bool:
        """Whether the run was stopped before its last iteration."""
        return bool(library.rv_job_was_stopped(self._pointer))

    @property
    def result(self) -> Picture | None:
        """The picture, once the job has ended; None before."""
        pointer = library.rv_job_result(self._pointer)
        if not pointer:
            return None
        picture = Picture._of_pointer(pointer)
        picture.settings = self.settings
        picture._truncate = picture.settings.get("truncate", False)  # matches the saved file
        recipe = library.rv_job_recipe(self._pointer) if picture.settings["recipe"] else None
        if recipe:  # pictures of a model have no recipe
            picture._recipe = library.take_text(recipe)
        return picture

    @property
    def model(self) -> StyleNetwork | VAE | None:
        """The trained model, once the job has ended: a StyleNetwork for "learn", a VAE for "vae-train".

        The result of such a job is a sheet of pictures.
        """
        pointer = library.rv_job_model(self._pointer)
        if not pointer:
            return None
        try:
            made: StyleNetwork | VAE = _MODELS[self.kind](pointer)
            return made
        finally:
            library.rv_tensor_map_unref(pointer)

    def wait(self) -> Picture:
        """Returns the picture when the run has ended; starts the job if needed. Raises the error of the run."""
        with _notebook.shown(self):
            try:
                self._start()
                while not self._call_progress():
                    with self._changed:
                        while not self._reports and not self._ended:
                            self._changed.wait()
            except BaseException:
                if self._thread:
                    self.stop()
                    self._join()
                raise
        return self._outcome()

    def __await__(self) -> Generator[Any, None, Picture]:
        """Waits like wait(), with progress on the event loop. A cancelled task cancels the job."""
        with _notebook.shown(self):
            return (yield from self._wait_async().__await__())

    async def _wait_async(self) -> Picture:
        import asyncio  # here, as it takes a fifth of this package's import time and is rarely needed

        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(news.set)

        self._start()
        with self._changed:
            self._wakers.add(wake)
        try:
            while not self._call_progress():
                await news.wait()
                news.clear()
        except asyncio.CancelledError:
            self.cancel()
            raise
        except BaseException:
            if not self._ended:  # a forgotten task is collected together with its job, whose pointer is freed
                self.stop()
            raise
        finally:
            with self._changed:
                self._wakers.discard(wake)
        return self._outcome()

    # ---- threads -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        """Runs the job, on its thread, with the kernel cache that the program uses as well."""
        kernels = library.rv_kernel_table_new()
        on_report = JobFunc(self._on_report)
        try:
            library.rv_kernel_cache_add(kernels)
            library.rv_job_set_kernels(self._pointer, kernels)
            library.rv_job_subscribe(self._pointer, self._preview_every, on_report, None, None)
            library.rv_job_run(self._pointer, self._cancellable)
            library.rv_kernel_cache_save(kernels)
        except Error as error:
            self._error = error
        finally:
            library.rv_job_subscribe(self._pointer, 0, JobFunc(), None, None)
            library.rv_kernel_table_unref(kernels)
            _running.discard(self)
            try:
                for watcher in self._watchers:
                    watcher(None)
            finally:
                with self._changed:
                    self._ended = True
                    self._wake()

    def _on_report(self, job: int, pointer: Any, data: Any) -> None:
        """Passes a report to the watchers and the waiting thread. Called on the job's thread."""
        report = pointer.contents
        if not self.is_watched or report.type not in (_PROGRESS, _PREVIEW):
            return
        names = strings(report.names)
        made = Report(report.iteration, report.n_iterations, report.stage, report.n_stages, report.width,
                      report.height, report.loss, dict(zip(names, report.losses[: len(names)])), report.seconds,
                      report.done_01, validation_loss=report.validation_loss if self.kind in _MODELS else math.nan,
                      frame=report.frame, frames=report.n_frames, note=(report.note or b"").decode(errors="replace"))
        if report.type == _PREVIEW:
            made.picture = Picture._of_pointer(library.rv_image_ref(report.picture))
        for watcher in self._watchers:
            watcher(made)
        if self._progress is None:
            return
        with self._changed:
            if made.picture:  # saves memory: only the newest preview waits
                self._reports = collections.deque(report for report in self._reports if not report.picture)
            self._reports.append(made)
            self._wake()

    def watch(self, watcher: Callable[[Report | None], object]) -> None:
        """Calls `watcher` on the job's thread: with each Report, and with None when the job has ended. `watcher` must
        not raise."""
        self._watchers.append(watcher)

    @property
    def is_watched(self) -> bool:
        """Whether there is a watcher or `progress`."""
        return self._progress is not None or bool(self._watchers)

    def _ipython_display_(self) -> None:
        """Shows the job in a notebook, live until it has ended."""
        live = _notebook.Live(self)
        if self.status in ("done", "failed"):
            live(None)

    def _wake(self) -> None:
        """Wakes all threads and tasks that wait for the job. The caller holds the lock."""
        self._changed.notify_all()
        for wake in self._wakers:
            wake()

    def _call_progress(self) -> bool:
        """Passes all reports so far to the callback. Returns whether the job has ended."""
        while True:
            with self._changed:
                if not self._reports:
                    return self._ended
                report = self._reports.popleft()
            if self._progress:
                self._progress(report)

    def _outcome(self) -> Picture:
        if self._error:
            raise self._error
        picture = self.result
        assert picture is not None
        return picture


_running: set[Job] = set()


@atexit.register
def _end_all() -> None:
    """Cancels jobs that still run when the program exits."""
    for job in list(_running):
        job.cancel()
        job._join()


def _stop_paused() -> None:
    """Stops paused jobs when the program exits, before Python waits for their threads."""
    for job in list(_running):
        if job._is_paused:
            job.stop()


getattr(threading, "_register_atexit", atexit.register)(_stop_paused)  # functions of atexit run after the threads
