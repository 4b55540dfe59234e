"""A small ResNet learns to read handwritten digits that are shifted at random, in less than a minute.

    python python/examples/digits_resnet.py

Needs scikit-learn for the images: pip install "swiftconv[examples]"
"""

from digits import arguments, loaders, train

import swiftconv as sc
from swiftconv import nn
from swiftconv.data import transforms
from swiftconv.models.resnet import BasicBlock


class SmallResNet(nn.Module):
    """Three residual blocks for images of 8 × 8 pixels, with 16, 32 and 64 channels."""

    def __init__(self, num_classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.blocks = nn.Sequential(BasicBlock(16, 16), self.halving(16, 32), self.halving(32, 64))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, num_classes))

    @staticmethod
    def halving(channels, wider):
        """A block with more channels and half the resolution."""
        shortcut = nn.Sequential(nn.Conv2d(channels, wider, 1, stride=2, bias=False), nn.BatchNorm2d(wider))
        return BasicBlock(channels, wider, stride=2, downsample=shortcut)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


def main():
    options = arguments(__doc__.splitlines()[0], epochs=20)
    sc.manual_seed(options.seed)
    loader, test_loader = loaders(batch_size=64, augment=transforms.RandomCrop(8, padding=1))
    net = SmallResNet()
    optimizer = sc.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = sc.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=options.epochs)
    train(net, optimizer, scheduler, loader, test_loader, options.epochs)


if __name__ == "__main__":
    main()
