"""Receptive fields: arithmetic, gradients, and which outputs really change with which inputs."""

import numpy
import pytest

import swiftconv as sc
from swiftconv import nn
from swiftconv.inspection import Field

# Chains whose fields are derived, and a shape large enough for a field in the middle to be whole.
CHAINS = {
    "plain": (lambda: [nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, (1, 4))], (1, 1, 20, 24)),
    "same padding": (lambda: [nn.Conv2d(1, 2, 4, padding="same"), nn.Conv2d(2, 1, 3, padding="valid")], (1, 1, 20, 21)),
    "stride": (
        lambda: [nn.Conv2d(1, 2, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(2, 2, 3, stride=3)],
        (1, 1, 60, 63),
    ),
    "dilation": (lambda: [nn.Conv2d(1, 2, 3, dilation=3), nn.Conv2d(2, 2, 2, dilation=(1, 4))], (1, 1, 40, 44)),
    "groups": (lambda: [nn.Conv2d(2, 4, 3, groups=2), nn.Conv2d(4, 4, 3, groups=4)], (1, 2, 20, 20)),
    "max pooling": (
        lambda: [nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1), nn.Conv2d(3, 1, 3)],
        (1, 1, 40, 41),
    ),
    "rounded up": (lambda: [nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(1, 2, 2)], (2, 1, 20, 22)),
    "mean pooling": (lambda: [nn.AvgPool2d(2), nn.Sigmoid(), nn.AvgPool2d(3, 1, padding=1)], (1, 3, 30, 30)),
    "borders": (
        lambda: [nn.ZeroPad2d((1, 2, 3, 4)), nn.Conv2d(1, 1, 5), nn.ConstantPad2d(2, 1.0), nn.Conv2d(1, 1, 3)],
        (1, 1, 20, 22),
    ),
    "norms": (
        lambda: [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Softmax(1), nn.Conv2d(4, 1, 3)],
        (2, 1, 20, 20),
    ),
    "parts": (lambda: [nn.Conv2d(1, 2, 3, padding=1), nn.AdaptiveAvgPool2d((4, 5))], (1, 1, 32, 40)),
    "nested": (
        lambda: [nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.Tanh(), nn.Conv2d(2, 1, 3)))],
        (1, 1, 16, 17),
    ),
    "lazy": (lambda: [nn.LazyConv2d(3, 3), nn.LazyBatchNorm2d(), nn.LazyConv2d(2, 5, stride=2)], (1, 2, 30, 31)),
    "one axis": (lambda: [nn.Conv1d(2, 3, 5, stride=2), nn.MaxPool1d(2), nn.Conv1d(3, 1, 3)], (1, 2, 80)),
    "three axes": (lambda: [nn.Conv3d(1, 2, (1, 2, 3)), nn.AvgPool3d((1, 2, 2))], (1, 1, 6, 14, 16)),
    "chapter": (lambda: [sc.Conv2D((1, 2)), sc.Conv2D((3, 2))], (9, 12)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_arithmetic_and_gradients_agree(name):
    make, shape = CHAINS[name]
    net = nn.Sequential(*make())
    derived = sc.receptive_field(net, shape, method="derive")
    measured = sc.receptive_field(net, shape, method="measure")
    assert [each.name for each in derived] == [each.name for each in measured]
    for theory, practice in zip(derived, measured, strict=True):
        assert not practice.is_cut, practice
        assert (practice.size, practice.jump, practice.start) == (theory.size, theory.jump, theory.start)
        assert practice.is_measured and not theory.is_measured


def changed_outputs(net, shape):
    """For every pixel, which places of the output depend on it: found by changing the pixel."""
    with sc.no_grad():
        base = net(sc.zeros(shape, dtype=sc.float64))
        axes = tuple(range(2, len(shape)))
        seen = {}
        for pixel in numpy.ndindex(*shape[2:]):
            x = sc.zeros(shape, dtype=sc.float64)
            x[(0, slice(None), *pixel)] = 1.0
            moved = (net(x) - base).abs().amax((0, 1)).numpy()
            seen[pixel] = moved != 0
        return seen, axes


@pytest.mark.parametrize("name", ["plain", "same padding", "groups", "borders"])
def test_boxes_are_exactly_what_outputs_depend_on(name):
    make, shape = CHAINS[name]
    net = nn.Sequential(*make()).double()
    for parameter in net.parameters():
        parameter.data.uniform_(0.5, 1.5)
    seen, _ = changed_outputs(net, shape)
    field = sc.receptive_field(net, shape).output
    for position in [(0, 0), (3, 4), (7, 2), tuple(size - 1 for size in next(iter(seen.values())).shape)]:
        inside = numpy.zeros(shape[2:], dtype=bool)
        inside[field.box(position)] = True
        found = numpy.array([[seen[i, j][position] for j in range(shape[3])] for i in range(shape[2])])
        assert numpy.array_equal(found, inside)


def test_the_chapters_example():
    # Two layers of 2 x 2: an element of the second sees all nine pixels.
    fields = sc.receptive_field(nn.Sequential(nn.Conv2d(1, 1, 2), nn.Conv2d(1, 1, 2)))
    assert [each.size for each in fields] == [(2, 2), (3, 3)]
    assert fields.output.box((0, 0)) == (slice(0, 3), slice(0, 3))
    deeper = sc.receptive_field(nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1) for _ in range(10))), (1, 1, 8, 8))
    assert deeper.output.size == (21, 21), "a field may be larger than the image"
    assert deeper.output.box((4, 4)) == (slice(0, 8), slice(0, 8))


def test_linear_layers_see_everything():
    net = nn.Sequential(nn.Conv2d(1, 2, 5, padding=2), nn.Flatten(), nn.Linear(2 * 64, 10), nn.ReLU(), nn.Linear(10, 2))
    derived, measured = (sc.receptive_field(net, (1, 1, 8, 8), method=method) for method in ("derive", "measure"))
    assert derived.output.size == (12, 12) and derived.output.start == (-2, -2) and derived.output.jump is None
    assert measured.output.size == (8, 8) and measured.output.is_cut
    for fields in (derived, measured):
        assert fields.output.box() == (slice(0, 8), slice(0, 8))


@pytest.mark.parametrize(
    "layer",
    [lambda: nn.GroupNorm(2, 4), lambda: nn.InstanceNorm2d(4), lambda: nn.LayerNorm((4, 8, 8))],
    ids=["group", "instance", "layer"],
)
def test_norms_over_the_image_see_all_of_it(layer):
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), layer(), nn.Conv2d(4, 1, 3, padding=1))
    derived, measured = (sc.receptive_field(net, (1, 1, 8, 8), method=method) for method in ("derive", "measure"))
    for number in (1, 2):
        assert derived[number].box((3, 4)) == measured[number].box((3, 4)) == (slice(0, 8), slice(0, 8))


class Branches(nn.Module):
    def __init__(self, *paths, join):
        super().__init__()
        self.paths, self.join = nn.ModuleList(paths), join

    def forward(self, x):
        return self.join([path(x) for path in self.paths])


JOINS = {
    "sum": lambda parts: sum(parts[1:], parts[0]),
    "difference": lambda parts: parts[0] - parts[1],
    "product": lambda parts: parts[0] * parts[1],
    "channels": lambda parts: sc.cat(parts, 1),
    "relu of a sum": lambda parts: nn.functional.relu(parts[0] + parts[1]),
}


@pytest.mark.parametrize("join", JOINS)
def test_branches_see_what_their_parts_see(join):
    net = Branches(nn.Conv2d(1, 2, (3, 7), padding=(1, 3)), nn.Conv2d(1, 2, (5, 1), padding=(2, 0)), join=JOINS[join])
    field = sc.receptive_field(net, (1, 1, 24, 24)).output
    assert (field.size, field.jump, field.start, field.name) == ((5, 7), (1, 1), (-2, -3), "")


def test_residual_block_with_a_shortcut():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.conv2 = nn.LazyConv2d(4, 3, padding=1, stride=2), nn.LazyConv2d(4, 3, padding=1)
            self.bn1, self.bn2 = nn.LazyBatchNorm2d(), nn.LazyBatchNorm2d()
            self.conv3 = nn.LazyConv2d(4, 1, stride=2)

        def forward(self, x):
            y = self.bn2(self.conv2(nn.functional.relu(self.bn1(self.conv1(x)))))
            return nn.functional.relu(y + self.conv3(x))

    fields = sc.receptive_field(nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), Block()), (1, 1, 64, 64))
    # 3; pooled: 4, jump 2; conv1: 4 + 2 * 2 = 8, jump 4; conv2: 8 + 2 * 4 = 16.
    assert [fields[name].size for name in ("0", "1", "2.conv1", "2.conv2", "2.conv3")] == [
        (3, 3),
        (4, 4),
        (8, 8),
        (16, 16),
        (4, 4),
    ]
    assert fields.output.size == (16, 16) and fields.output.jump == (4, 4)


def test_pooling_by_a_function_is_seen_whole():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)

        def forward(self, x):
            return nn.functional.max_pool2d(nn.functional.max_pool2d(self.conv(x), 3, 2), 2)

    field = sc.receptive_field(Net(), (1, 1, 40, 40)).output
    # 3; 3 + 2 = 5, jump 2; 5 + 2 = 7, jump 4.
    assert (field.size, field.jump, field.start) == ((7, 7), (4, 4), (0, 0))


def test_transposed_convolutions_are_measured():
    net = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ConvTranspose2d(2, 1, 4, stride=4))
    field = sc.receptive_field(net, (1, 1, 12, 12)).output
    assert field.is_measured and field.size == (3, 3)


def test_the_model_is_left_alone():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.ReLU())
    net[2].eval()
    net(sc.rand(2, 1, 8, 8)).sum().backward()
    called = []
    net[0].register_forward_hook(lambda *_: called.append(1))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    gradients = [parameter.grad.clone() for parameter in net.parameters()]
    modes = [module.training for module in net.modules()]
    sc.manual_seed(3)
    numbers = sc.rand(4).tolist()
    sc.manual_seed(3)
    sc.receptive_field(net, (1, 1, 9, 9), method="measure")
    assert sc.rand(4).tolist() == numbers
    assert not called and modes == [module.training for module in net.modules()]
    assert all((net.state_dict()[name] == value).all() for name, value in before.items())
    assert all((parameter.grad == each).all() for parameter, each in zip(net.parameters(), gradients, strict=True))
    assert all(parameter.dtype is sc.float32 and parameter.requires_grad for parameter in net.parameters())


def test_lazy_layers_stay_lazy_when_measured():
    net = Branches(nn.LazyConv2d(2, 3), nn.LazyConv2d(2, 3), join=JOINS["sum"])
    assert sc.receptive_field(net, (1, 1, 9, 9)).output.size == (3, 3)
    assert all(type(parameter).__name__ == "UninitializedParameter" for parameter in net.parameters())


def test_lookup_and_text():
    fields = sc.receptive_field(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), (1, 1, 9, 9))
    assert len(fields) == 2 and fields["1"] is fields[1] is fields.output and fields[:1] == (fields[0],)
    assert isinstance(fields["0"], Field)
    with pytest.raises(KeyError, match="there is no layer '7'; there are '0', '1'"):
        fields["7"]
    with pytest.raises(ValueError, match="say which one"):
        fields.output.box()
    with pytest.raises(ValueError, match="must have 2 numbers"):
        fields.output.box((1, 2, 3))
    assert "Receptive fields of Sequential, input 9 × 9" in str(fields)
    assert fields._repr_html_().count("<tr>") == 3


def test_outputs_that_do_not_depend_on_the_input():
    class Constant(nn.Module):
        def forward(self, x):
            return sc.ones(x.shape, dtype=x.dtype)

    assert sc.receptive_field(Constant(), (1, 1, 4, 4)).output.size == (0, 0)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: sc.receptive_field(Branches(nn.Identity(), join=JOINS["sum"])), ValueError, "give input_shape"),
        (
            lambda: sc.receptive_field(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten(), nn.Linear(9, 1))),
            ValueError,
            "whole image",
        ),
        (lambda: sc.receptive_field(nn.Conv2d(1, 1, 3), method="measure"), ValueError, "give input_shape"),
        (lambda: sc.receptive_field(nn.Conv2d(1, 1, 3), method="guess"), ValueError, "method must be"),
        (
            lambda: sc.receptive_field(nn.Upsample(scale_factor=2), (1, 1, 4, 4), method="derive"),
            ValueError,
            "windows are known",
        ),
        (lambda: sc.receptive_field(nn.Conv2d(1, 1, 3), (3,)), ValueError, "must be"),
        (lambda: sc.receptive_field(nn.Conv2d(1, 1, 3), (1, 1, 5)), ValueError, "1 spatial axes"),
        (lambda: sc.receptive_field(nn.Conv2d(1, 1, 3), (1, 1, 0, 5)), ValueError, "positive sizes"),
        (lambda: sc.receptive_field(nn.Conv2d(1, 1, 9), (1, 1, 5, 5)), ValueError, "larger than its input"),
        (lambda: sc.receptive_field(nn.ReLU()), ValueError, "give input_shape"),
        (lambda: sc.receptive_field(nn.Sequential()), ValueError, "has no layers"),
        (lambda: sc.receptive_field("net"), TypeError, "model must be a Module"),
    ],
)
def test_mistakes(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_an_output_without_places_is_measured_as_a_whole():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Flatten(), nn.Linear(4 * 64, 3))

        def forward(self, x):
            return self.layers(x)

    fields = sc.receptive_field(Net(), (1, 1, 8, 8))
    assert [each.size for each in fields] == [(3, 3), (8, 8), (8, 8)]


@pytest.mark.parametrize(
    "activation", [nn.SELU(), nn.Hardsigmoid(), nn.Hardswish(), nn.LogSigmoid(), nn.Softsign(), nn.ReLU6()]
)
def test_activations_change_no_field(activation):
    net = nn.Sequential(nn.Conv2d(1, 2, 3), activation, nn.Conv2d(2, 1, 3))
    fields = sc.receptive_field(net)
    assert [field.size for field in fields] == [(3, 3), (3, 3), (5, 5)] and not fields.output.is_measured
