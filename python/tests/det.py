"""Deterministic weights and pictures from names, as tests/support/det.h makes them."""

import numpy as np
import torch

MASK = (1 << 64) - 1


def hashes(name, count):
    """uint64: splitmix64(fnv1a64(name) + index)."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) & MASK
    with np.errstate(over="ignore"):
        z = np.uint64(key) + np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(name, count):
    """float64 in [0,1)."""
    return (hashes(name, count) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def weight(name, shape):
    count = int(np.prod(shape))
    u = uniform(name, count)
    if len(shape) >= 2:
        values = (2 * u - 1) * np.sqrt(3.0 / (count / shape[0]))
    else:
        values = 0.1 * (u - 0.5) + (1.0 if name.endswith(("running_var", "weight")) else 0.0)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def picture(spec):
    """float32 [1,3,H,W] of what a fixture says of a picture."""
    h, w, channel = spec["h"], spec["w"], np.arange(3)[:, None, None]
    y, x = np.mgrid[0:h, 0:w]
    if "kind" in spec:  # the only one there is: hramp_down
        values = spec["start"] - spec["step"] * x[None] + 10 * channel
    else:
        rough = (hashes(spec["name"], 3 * h * w) % np.uint64(64)).astype(np.int64).reshape(3, h, w)
        values = (3 * x[None] + 2 * y[None] + 40 * channel + rough) % 256
        values = values * spec.get("mul", 256) // 256 + spec.get("add", 0)
        if "flat_left" in spec:
            values[:, :, : w // 2] = spec["flat_left"]
    return torch.from_numpy(values.astype(np.uint8).astype(np.float32) / np.float32(255))[None]


def noise(name, low, high, shape):
    values = low + (high - low) * uniform(name, int(np.prod(shape)))
    return torch.from_numpy(values.astype(np.float32).reshape(tuple(shape)))


class TinyIqa(torch.nn.Module):
    """The target of every attack fixture; pictures in [0,1], scores 0 (worst) to 100 (best)."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 8, 3, 2, 1)
        self.conv2 = torch.nn.Conv2d(8, 16, 3, 2, 1)
        self.fc = torch.nn.Linear(16, 1)
        with torch.no_grad():
            for name, tensor in self.state_dict().items():
                tensor.copy_(weight(name, tuple(tensor.shape)))

    def forward(self, x):
        pooled = torch.relu(self.conv2(torch.relu(self.conv1(x)))).mean((2, 3))
        return 100 * torch.sigmoid(8 * self.fc(pooled).squeeze(1) - 1.6)
