"""What the book's ``d2l`` has in every dialect: curves that grow while a network learns, plots, and small helpers."""

from __future__ import annotations

import inspect
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .plots import displayed, pyplot, set_axes, use_svg_display

__all__ = ["Accumulator", "Animator", "HyperParameters", "ProgressBoard", "Timer", "add_to_class"]


def add_to_class(Class: type) -> Callable[[Any], None]:
    """Return a decorator that makes a function a method of an existing class.

    Example
    -------
    >>> from swiftconv.dialects.board import add_to_class
    >>> class A: pass
    >>> @add_to_class(A)
    ... def twice(self, x):
    ...     return 2 * x
    >>> A().twice(4)
    8
    """

    def add(function: Any) -> None:
        setattr(Class, function.__name__, function)

    return add


class HyperParameters:
    """The base of classes that keep their constructor's arguments.

    Example
    -------
    >>> from swiftconv.dialects.board import HyperParameters
    >>> class B(HyperParameters):
    ...     def __init__(self, a, b):
    ...         self.save_hyperparameters(ignore=["b"])
    >>> B(1, 2).a, hasattr(B(1, 2), "b")
    (1, False)
    """

    def save_hyperparameters(self, ignore: Sequence[str] = ()) -> None:
        """Keep every variable of the calling function as an attribute, but those in `ignore` and private ones."""
        frame = inspect.currentframe()
        caller = frame.f_back if frame is not None else None
        if caller is None:
            raise RuntimeError("save_hyperparameters: this Python does not tell who calls; set the attributes yourself")
        left_out = {"self", "__class__", *ignore}
        self.hparams = {
            name: value for name, value in caller.f_locals.items() if name not in left_out and not name.startswith("_")
        }
        for name, value in self.hparams.items():
            setattr(self, name, value)


class Point(NamedTuple):
    """A point of a curve."""

    x: Any
    y: Any


class ProgressBoard(HyperParameters):
    """A figure whose curves grow point by point; in a notebook it is drawn while they do.

    Parameters
    ----------
    xlabel, ylabel, xlim, ylim, xscale, yscale
        The axes.
    ls, colors : sequence of str
        The style of each curve.
    fig, axes
        A figure and axes of Matplotlib to draw on, instead of new ones.
    figsize : (float, float)
        The size in inches.
    display : bool
        False only collects the points.
    """

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        xlim: Any = None,
        ylim: Any = None,
        xscale: str = "linear",
        yscale: str = "linear",
        ls: Sequence[str] = ("-", "--", "-.", ":"),
        colors: Sequence[str] = ("C0", "C1", "C2", "C3"),
        fig: Any = None,
        axes: Any = None,
        figsize: tuple[float, float] = (3.5, 2.5),
        display: bool = True,
    ) -> None:
        self.save_hyperparameters()
        self.raw_points: dict[str, list[Point]] = OrderedDict()
        self.data: dict[str, list[Point]] = OrderedDict()
        self._lines: dict[str, Any] = {}
        self._shown_at = 0.0

    def draw(self, x: Any, y: Any, label: str, every_n: int = 1) -> None:
        """Add a point to the curve `label`; each `every_n` points are drawn as one, their mean."""
        waiting = self.raw_points.setdefault(label, [])
        curve = self.data.setdefault(label, [])
        waiting.append(Point(x, y))
        if len(waiting) < every_n:
            return
        count = len(waiting)
        curve.append(
            Point(float(sum(each.x for each in waiting) / count), float(sum(each.y for each in waiting) / count))
        )
        waiting.clear()
        if self.display:
            self._draw(label)

    def _draw(self, label: str) -> None:
        if self.fig is None and self.axes is None:
            use_svg_display()
            self.fig = pyplot().figure(figsize=self.figsize)
        axes = self.axes if self.axes is not None else self.fig.gca()
        if label not in self._lines:
            number = len(self._lines)
            style, color = self.ls[number % len(self.ls)], self.colors[number % len(self.colors)]
            (self._lines[label],) = axes.plot([], [], linestyle=style, color=color, label=label)
            self._set_up(axes)
        self._lines[label].set_data(*zip(*self.data[label], strict=True))
        axes.relim()
        axes.autoscale_view(scalex=not self.xlim, scaley=not self.ylim)
        # Drawing takes longer than learning from a batch. The notebook shows the last state when the cell ends.
        if time.monotonic() - self._shown_at > 0.25:
            displayed(axes.figure)
            self._shown_at = time.monotonic()

    def _set_up(self, axes: Any) -> None:
        if self.xlim:
            axes.set_xlim(self.xlim)
        if self.ylim:
            axes.set_ylim(self.ylim)
        axes.set_xlabel(self.xlabel or "x")
        axes.set_ylabel(self.ylabel or "")
        axes.set_xscale(self.xscale)
        axes.set_yscale(self.yscale)
        axes.legend()


class Animator:
    """Several curves that grow together, as in the book's editions before 1.0.

    Parameters
    ----------
    xlabel, ylabel, legend, xlim, ylim, xscale, yscale
        The axes.
    fmts : sequence of str
        Matplotlib's format of each curve.
    nrows, ncols : int
        How many axes the figure has; the curves are drawn in the first.
    figsize : (float, float)
        The size in inches.
    """

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        legend: Sequence[str] | None = None,
        xlim: Any = None,
        ylim: Any = None,
        xscale: str = "linear",
        yscale: str = "linear",
        fmts: Sequence[str] = ("-", "m--", "g-.", "r:"),
        nrows: int = 1,
        ncols: int = 1,
        figsize: tuple[float, float] = (3.5, 2.5),
    ) -> None:
        use_svg_display()
        self.fig, axes = pyplot().subplots(nrows, ncols, figsize=figsize)
        self.axes = [axes] if nrows * ncols == 1 else axes.flatten()
        self._config = (xlabel, ylabel, xlim, ylim, xscale, yscale, list(legend or []))
        self.X: list[list[Any]] = []
        self.Y: list[list[Any]] = []
        self.fmts = fmts
        self._shown_at = 0.0

    def config_axes(self) -> None:
        """Set labels, limits, scales and legend."""
        set_axes(self.axes[0], *self._config)

    def add(self, x: Any, y: Any) -> None:
        """Add a point to each curve: `y` has one value per curve, None where there is no point."""
        y = list(y) if hasattr(y, "__len__") else [y]
        x = list(x) if hasattr(x, "__len__") else [x] * len(y)
        while len(self.X) < len(y):
            self.X.append([])
            self.Y.append([])
        for number, (one_x, one_y) in enumerate(zip(x, y, strict=True)):
            if one_x is not None and one_y is not None:
                self.X[number].append(float(one_x))
                self.Y[number].append(float(one_y))
        self.axes[0].cla()
        for number, (xs, ys) in enumerate(zip(self.X, self.Y, strict=True)):
            self.axes[0].plot(xs, ys, self.fmts[number % len(self.fmts)])
        self.config_axes()
        if time.monotonic() - self._shown_at > 0.25:
            displayed(self.fig)
            self._shown_at = time.monotonic()


class Timer:
    """Measures several durations in seconds; it starts when it is made."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.start()

    def start(self) -> None:
        """Begin a duration."""
        self.tik = time.perf_counter()

    def stop(self) -> float:
        """End the duration, keep it and return it."""
        self.times.append(time.perf_counter() - self.tik)
        return self.times[-1]

    def avg(self) -> float:
        """Return the mean duration."""
        return sum(self.times) / len(self.times)

    def sum(self) -> float:
        """Return all durations together."""
        return sum(self.times)

    def cumsum(self) -> list[float]:
        """Return for each duration the time until its end."""
        from itertools import accumulate

        return list(accumulate(self.times))


class Accumulator:
    """Sums of several quantities.

    Example
    -------
    >>> from swiftconv.dialects.board import Accumulator
    >>> sums = Accumulator(2)
    >>> sums.add(1, 2.5)
    >>> sums.add(1, 2)
    >>> sums[0], sums[1]
    (2.0, 4.5)
    """

    def __init__(self, n: int) -> None:
        self.data = [0.0] * n

    def add(self, *args: Any) -> None:
        """Add one number to each sum."""
        self.data = [total + float(each) for total, each in zip(self.data, args, strict=True)]

    def reset(self) -> None:
        """Set all sums to 0."""
        self.data = [0.0] * len(self.data)

    def __getitem__(self, index: Any) -> Any:
        return self.data[index]
