"""LeNet learns to read handwritten digits, in a few seconds.

    python python/examples/digits_lenet.py

Needs scikit-learn for the images: pip install "swiftconv[examples]"
"""

from digits import arguments, loaders, train

import swiftconv as sc
from swiftconv.nn import functional as F


def enlarged(image):
    """The image as LeNet expects it: 28 × 28 pixels, two of them a border on each side."""
    larger = F.interpolate(image.unsqueeze(0), scale_factor=3, mode="bilinear").squeeze(0)
    return F.pad(larger, (2, 2, 2, 2))


def main():
    options = arguments(__doc__.splitlines()[0], epochs=15)
    sc.manual_seed(options.seed)
    loader, test_loader = loaders(batch_size=32, transform=enlarged)
    net = sc.models.LeNet(activation="relu")
    optimizer = sc.optim.Adam(net.parameters(), lr=0.002)
    scheduler = sc.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.2)
    train(net, optimizer, scheduler, loader, test_loader, options.epochs)


if __name__ == "__main__":
    main()
