"""Writes the modules that tests/torchscript_test.cpp opens, and the scores PyTorch gives with them.

usage: export_modules.py FOLDER
"""
import copy
import json
import sys

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5, stride=2)
        self.bn = nn.BatchNorm2d(8)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        h = torch.relu(self.bn(self.conv(x)))
        return 100 * torch.sigmoid(self.head(self.dropout(h.mean([2, 3])))).squeeze(1)


class ForOne(Net):
    def forward(self, x):
        h = torch.relu(self.bn(self.conv(x))).mean([2, 3])
        return self.head(h.view(int(x.shape[0]), -1)).view(int(x.shape[0]))


def picture(side):
    """(3 x + 2 y + 40 c) mod 256, in [0,1]."""
    c, y, x = torch.meshgrid(torch.arange(3), torch.arange(side), torch.arange(side), indexing="ij")
    return (((3 * x + 2 * y + 40 * c) % 256) / 255.0).unsqueeze(0)


def main(folder):
    torch.manual_seed(7)
    net, one = Net(), ForOne()
    for module in (net, one):
        for _ in range(3):
            module(torch.rand(4, 3, 64, 64))
        module.eval()
    x = picture(64)
    torch.jit.script(net).save(folder + "/scripted.pt")
    torch.jit.trace(net, x).save(folder + "/traced.pt")
    torch.jit.trace(one, x).save(folder + "/traced_for_one.pt")
    torch.jit.freeze(torch.jit.script(net)).save(folder + "/frozen.pt")
    torch.jit.trace(copy.deepcopy(net).train(), x, check_trace=False).save(
        folder + "/traced_in_training.pt")
    torch.jit.script(copy.deepcopy(net).half()).save(folder + "/half.pt")
    torch.save(net.state_dict(), folder + "/state_dict.pth")
    torch.save(net.state_dict(), folder + "/legacy.pth", _use_new_zipfile_serialization=False)
    x.requires_grad_(True)
    score = net(x)
    score.sum().backward()
    with open(folder + "/expected.json", "w") as out:
        json.dump({"score": score.item(), "one": one(x).item(),
                   "gradient_l1": x.grad.abs().sum().item()}, out)


main(sys.argv[1])
