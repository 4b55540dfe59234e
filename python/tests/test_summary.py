"""The table of a model's layers."""

import pytest

import swiftconv as sc
from swiftconv import nn


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
        nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2, stride=2),
        nn.Flatten(), nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10),
    )  # fmt: skip


def test_lenet():
    table = sc.summary(lenet(), (1, 1, 28, 28))
    shapes = [(1, 6, 28, 28)] * 2 + [(1, 6, 14, 14)] + [(1, 16, 10, 10)] * 2 + [(1, 16, 5, 5), (1, 400)]
    shapes += [(1, 120)] * 2 + [(1, 84)] * 2 + [(1, 10)]
    assert [each.output_shape for each in table] == shapes
    assert [each.parameters for each in table] == [156, 0, 0, 2416, 0, 0, 0, 48120, 0, 10164, 0, 850]
    assert table.parameters == 61706 and table.frozen == 0 and table.byte_count == 4 * 61706
    assert table[0].multiply_adds == 28 * 28 * 6 * 25 and table[3].multiply_adds == 10 * 10 * 16 * 6 * 25
    assert table.multiply_adds == 117600 + 240000 + 48000 + 10080 + 840
    assert [each.receptive_field for each in table[:7]] == [(5, 5)] * 2 + [(6, 6)] + [(14, 14)] * 2 + [(16, 16)] * 2
    assert table[7].receptive_field == (32, 32)


def test_text_and_html():
    table = sc.summary(lenet(), (1, 1, 28, 28))
    lines = str(table).splitlines()
    assert lines[0] == "Sequential, input 1 × 1 × 28 × 28"
    assert lines[2].split() == ["Name", "Layer", "Output", "Parameters", "Multiply-adds", "Receptive", "field"]
    assert lines[-2:] == ["Parameters: 61,706 (247 kB)", "Multiply-adds: 416,520"]
    assert repr(table) == str(table) and table._repr_html_().count("<tr>") == 13
    assert len(table) == 12


def test_nothing_changes():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.ReLU(inplace=True))
    net[2].eval()
    net[0].weight.requires_grad_(False)
    net(sc.rand(2, 1, 8, 8)).sum().backward()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    gradient = net[1].weight.grad.clone()
    modes = [module.training for module in net.modules()]
    sc.manual_seed(5)
    numbers = sc.rand(3).tolist()
    sc.manual_seed(5)
    table = sc.summary(net, (4, 1, 8, 8))
    assert sc.rand(3).tolist() == numbers
    assert table.frozen == 18
    assert "18 of them frozen" in str(table)
    assert [module.training for module in net.modules()] == modes
    assert all((net.state_dict()[name] == value).all() for name, value in before.items())
    assert (net[1].weight.grad == gradient).all() and net[0].weight.grad is None
    assert not any(module._forward_hooks for module in net.modules())


def test_everything_is_restored_after_an_error():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(5, 2))
    with pytest.raises(ValueError, match="linear"):
        sc.summary(net, (1, 1, 8, 8))
    assert all(module.training and not module._forward_hooks for module in net.modules())
    assert sc.is_grad_enabled()


def test_lazy_layers_get_their_shapes():
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(3))
    assert sc.summary(net, (2, 3, 6, 6)).parameters == 4 * 27 + 4 + 64 * 3 + 3
    assert net[0].weight.shape == (4, 3, 3, 3)


class Shared(nn.Module):
    """A layer that is called twice, a parameter of its own and a branch."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.scale = nn.Parameter(sc.ones(1))
        self.unused = nn.Linear(3, 3)

    def forward(self, x):
        return self.scale * self.conv(nn.functional.relu(self.conv(x))) + x


def test_models_of_other_kinds():
    table = sc.summary(Shared(), (1, 2, 16, 16))
    assert [(each.name, each.parameters) for each in table] == [("conv", 38), ("conv", 0), ("", 1)]
    assert [each.receptive_field for each in table] == [(3, 3), (5, 5), (5, 5)]
    assert table.multiply_adds == 2 * (2 * 256 * 18)
    assert table.parameters == 38 + 1 + 12, "layers that are not called have parameters, too"


def test_rows_of_features_have_no_fields():
    table = sc.summary(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), (5, 3))
    assert [each.receptive_field for each in table] == [None, None]
    assert table[0].multiply_adds == 60


def test_the_chapters_layer_and_other_inputs():
    table = sc.summary(sc.Conv2D((1, 2)), (6, 8))
    assert (table[0].output_shape, table[0].multiply_adds, table[0].receptive_field) == ((6, 7), 84, (1, 2))
    assert sc.summary(nn.Conv2d(1, 2, 3).double(), (1, 1, 5, 5)).byte_count == 160
    assert sc.summary(nn.Conv1d(1, 2, 3), sc.rand(1, 1, 9))[0].receptive_field == (3,)


def test_grouped_and_transposed_convolutions():
    assert sc.summary(nn.Conv2d(4, 8, 3, groups=2), (1, 4, 6, 6)).multiply_adds == 8 * 16 * 2 * 9
    assert sc.summary(nn.ConvTranspose2d(4, 6, 3, stride=2), (1, 4, 5, 5)).multiply_adds == 100 * 6 * 9


def test_mistakes():
    with pytest.raises(TypeError, match="model must be a Module"):
        sc.summary(print, (1, 1))
    with pytest.raises(TypeError, match="whole numbers"):
        sc.summary(lenet(), (1, 1, "a", 3))
