"""The chapter, as a user with a type checker writes it."""

import numpy as np
import numpy.typing as npt

import swiftconv as sc
from swiftconv import nn, optim
from swiftconv.nn import functional as F


class Net(nn.Module):
    def __init__(self, channels: int, classes: int = 10) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, channels, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.head = nn.LazyLinear(classes)

    def forward(self, x: sc.Tensor) -> sc.Tensor:
        x = F.relu(self.norm(self.conv(x)))
        x = F.max_pool2d(x, 2)
        return self.head(x.flatten(1))


def edges(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    kernel = np.array([[1.0, -1.0]], dtype=np.float32)
    return sc.corr2d(image, kernel)


def learn_kernel(x: sc.Tensor, y: sc.Tensor) -> sc.Tensor:
    conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
    for step in range(10):
        loss = ((conv(x) - y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with sc.no_grad():
            if conv.weight.grad is not None:
                conv.weight -= 3e-2 * conv.weight.grad
        print(step, float(loss), loss.item())
    return conv.weight.reshape(1, 2)


def train(net: nn.Module, x: sc.Tensor, labels: sc.Tensor) -> float:
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def shapes(x: sc.Tensor) -> tuple[int, ...]:
    first: sc.Tensor = x[0, ..., 1:3]
    y: sc.Tensor = -x + 1 - 2 * x / 3.0
    mean, count = y.mean(), y.numel()
    array = x.numpy()
    print(mean.item(), count, array.dtype, first.dtype, sc.float32, x.size(0), len(x))
    return tuple(x.shape)


net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.Sigmoid(), nn.AvgPool2d(2, stride=2), nn.Flatten(), Net(3))
with sc.no_grad():
    output: sc.Tensor = net(sc.zeros(1, 1, 8, 8))
    biggest: sc.Tensor = output.max()
for name, parameter in net.named_parameters():
    print(name, parameter.shape, parameter.requires_grad)
state: dict[str, sc.Tensor] = dict(net.state_dict())
values, indices = output.max(dim=1)
prediction: sc.Tensor = output.max(1).indices
best_five: sc.Tensor = output.topk(5, dim=1).indices
picture: sc.Tensor = sc.corr2d(sc.zeros(5, 5), np.ones((2, 2)))
