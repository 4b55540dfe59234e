"""Pictures: what is in them, and that they can be drawn and saved."""

import io
import subprocess
import sys

import numpy
import pytest

import swiftconv as sc
from swiftconv import nn, viz

matplotlib = pytest.importorskip("matplotlib", reason="Matplotlib is not installed")


def drawn(figure):
    """Draws a figure, checks that the picture is not empty and mostly light, and returns it."""
    file = io.BytesIO()
    figure.savefig(file, format="png")
    file.seek(0)
    from matplotlib.image import imread

    pixels = imread(file)[:, :, :3]
    assert pixels.std() > 0.02 and numpy.median(pixels) > 0.9
    return figure


def texts(axes):
    return [each.get_text() for each in axes.texts]


def test_show_corr2d_is_the_figure_of_the_book():
    figure = drawn(viz.show_corr2d(sc.arange(9.0).reshape(3, 3), sc.arange(4.0).reshape(2, 2)))
    sums = [axes.get_xlabel() for axes in figure.axes[::3]]
    assert sums == [
        "0×0 + 1×1 + 3×2 + 4×3 = 19",
        "1×0 + 2×1 + 4×2 + 5×3 = 25",
        "3×0 + 4×1 + 6×2 + 7×3 = 37",
        "4×0 + 5×1 + 7×2 + 8×3 = 43",
    ]
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["Image", "Kernel", "Output"]
    # An output is shown from its step on.
    assert texts(figure.axes[2]) == ["19"] and texts(figure.axes[8]) == ["19", "25", "37"]


def test_show_corr2d_takes_arrays_lists_and_chosen_steps():
    X = numpy.ones((6, 8))
    X[:, 2:6] = 0
    figure = drawn(viz.show_corr2d(X[::-1, ::-1], [[1, -1]], steps=[(0, 1), (5, 6)]))
    assert len(figure.axes) == 6 and figure.axes[0].get_xlabel() == "1×1 + 0×(−1) = 1"
    wide = drawn(viz.show_corr2d(numpy.arange(30).reshape(3, 10) / 7, sc.filters.sobel(), steps=1))
    assert wide.axes[0].get_xlabel().count("\n") == 2
    assert len(drawn(viz.show_corr2d([[2.0]], [[3.0]])).axes) == 3


@pytest.mark.parametrize(
    ("kernels", "count"),
    [
        (lambda: sc.tensor([[1.0, -1.0]]), 1),
        (lambda: numpy.zeros((5, 3, 3)), 5),
        (lambda: nn.Conv2d(1, 6, 5), 6),
        (lambda: nn.Conv2d(3, 8, 3).weight, 24),
        (lambda: sc.Conv2D((2, 2)), 1),
        (lambda: {"a": sc.filters.box(3), "b": sc.filters.gaussian((3, 7))}, 2),
        (lambda: numpy.full((2, 2), numpy.nan), 1),
        (lambda: sc.rand(40, 7, 7), 40),
    ],
)
def test_show_kernels(kernels, count):
    figure = viz.show_kernels(kernels())
    figure.canvas.draw()
    assert len(figure.axes) == count + 1
    limits = {axes.images[0].get_clim() for axes in figure.axes[:count]}
    assert len(limits) == 1, "all kernels have the same scale, around zero"
    low, high = limits.pop()
    assert low == -high < 0


def test_show_kernels_writes_numbers_into_small_kernels():
    figure = drawn(viz.show_kernels({"Sobel": sc.filters.sobel()}))
    assert texts(figure.axes[0]) == ["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"]


def test_show_feature_maps():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(8, 20, 3), nn.Flatten())
    net[1].eval()
    x = sc.rand(2, 3, 20, 24, requires_grad=True)
    figure = drawn(viz.show_feature_maps(net, x))
    assert len(figure.axes) == 1 + 8 + 8 + 8
    assert "8 of 20 maps, 7 × 9" in texts(figure.axes[17])
    assert net.training and not net[1].training and not any(module._forward_hooks for module in net.modules())
    assert x.grad is None
    # The convolution's own output, although the activation works in place.
    assert figure.axes[1].images[0].get_cmap().name == "RdBu_r"
    assert len(viz.show_feature_maps(net, x[0], layers=["1"], maps=3).axes) == 4


def test_show_receptive_field():
    net = nn.Sequential(
        nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(484, 3)
    )
    figure = drawn(viz.show_receptive_field(net, sc.rand(1, 1, 26, 26), at=(3, 4)))
    (axes,) = figure.axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == [
        "0  Conv2d, ReLU:  5 × 5",
        "2  MaxPool2d:  6 × 6",
        "3  Conv2d, Flatten:  10 × 10",
        "5  Linear:  30 × 30",
    ]
    assert axes.get_title(loc="left") == "Receptive fields around pixel (3, 4)"
    frames = {(each.get_x(), each.get_y(), each.get_width()) for each in axes.patches if not each.get_fill()}
    assert (1.5, 0.5, 5) in frames, "the 5 × 5 field around row 3, column 4 begins at row 1, column 2"
    for shape in ((1, 3, 30, 50), (1, 1, 26, 26)):
        drawn(viz.show_receptive_field(nn.Conv2d(shape[1], 2, 3), shape))
    drawn(viz.show_receptive_field(net, sc.rand(1, 1, 26, 26), layers=["3"]))
    drawn(viz.show_receptive_field(sc.Conv2D((1, 2)), sc.rand(6, 8)))


def test_many_layers_are_thinned_out():
    net = nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1) for _ in range(20)))
    legend = viz.show_receptive_field(net, (1, 1, 50, 50)).axes[0].get_legend()
    labels = [text.get_text() for text in legend.get_texts()]
    assert len(labels) == 8 and labels[0].endswith("3 × 3") and labels[-1].endswith("41 × 41")


def test_a_notebook_shows_pictures():
    assert viz.plot_losses([1.0, 0.5])._repr_png_().startswith(b"\x89PNG")


def test_plot_losses():
    figure = viz.plot_losses(
        {"loss": [2.0, 1.0, 0.5], "accuracy": [0.1, 0.6, None], "validation loss": [2.0, 1.5, 1.4]}
    )
    drawn(figure)
    axes = figure.axes[0]
    assert [line.get_label() for line in axes.lines] == ["loss", "accuracy", "validation loss"]
    assert axes.lines[0].get_color() != axes.lines[2].get_color()
    assert viz.plot_losses([3.0, 2.0], ax=axes) is figure
    history = sc.train.History([{"epoch": 1, "loss": 1.0, "accuracy": 0.5}])
    logarithmic = viz.plot_losses(history, log=True).axes[0]
    assert logarithmic.get_yscale() == "log" and len(logarithmic.lines) == 1
    drawn(viz.plot_losses({"loss": [1.0, float("nan")]}))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: viz.show_corr2d(sc.ones(17, 3), sc.ones(1, 1)), ValueError, "only 16 x 16 numbers"),
        (lambda: viz.show_corr2d(sc.ones(3), sc.ones(1, 1)), ValueError, "X has shape"),
        (lambda: viz.show_corr2d(sc.ones(2, 2), sc.ones(3, 3)), ValueError, "larger than the image"),
        (lambda: viz.show_corr2d(sc.ones(2, 2), sc.ones(1, 1), steps=0), ValueError, "steps must be"),
        (lambda: viz.show_corr2d(sc.ones(2, 2), sc.ones(1, 1), steps=[(2, 0)]), ValueError, "no output at"),
        (lambda: viz.show_corr2d("image", sc.ones(1, 1)), TypeError, "expected a Tensor"),
        (lambda: viz.show_kernels(sc.ones(3)), ValueError, "kernels have shape"),
        (lambda: viz.show_kernels({}), ValueError, "nothing to show"),
        (lambda: viz.show_kernels(sc.ones(300, 1, 2, 2)), ValueError, "more than 256"),
        (lambda: viz.show_kernels(sc.ones(2, 2), columns=0), ValueError, "columns must be positive"),
        (lambda: viz.show_feature_maps(nn.Conv2d(1, 1, 3), sc.ones(5, 5)), ValueError, "x has shape"),
        (lambda: viz.show_feature_maps(nn.Conv2d(1, 1, 3), sc.ones(1, 5, 5), layers=["x"]), ValueError, "no maps"),
        (lambda: viz.show_feature_maps(nn.Flatten(), sc.ones(1, 5, 5)), ValueError, "no layer makes maps"),
        (lambda: viz.show_receptive_field(nn.Conv2d(1, 1, 3), (1, 1, 5, 5), at=(5, 0)), ValueError, "outside"),
        (lambda: viz.show_receptive_field(nn.Conv1d(1, 1, 3), (1, 1, 5)), ValueError, "two spatial axes"),
        (lambda: viz.show_receptive_field(nn.Conv2d(1, 1, 3), (1, 1, 5, 5), layers=["9"]), KeyError, "no layer '9'"),
        (lambda: viz.plot_losses([]), ValueError, "nothing to draw"),
        (lambda: viz.plot_losses(["a"]), TypeError, "expected a history"),
    ],
)
def test_mistakes(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "swiftconv\[demo\]"'):
        viz.plot_losses([1.0])


def test_matplotlib_is_imported_when_a_picture_is_drawn():
    code = "import sys, swiftconv.viz; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
