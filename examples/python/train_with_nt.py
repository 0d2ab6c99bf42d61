"""Trains a small network with the NT term in a loop of one's own, and without, and attacks both.

    python3 train_with_nt.py
"""

import tempfile

import torch

import robiq


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 24, 7, 2)
        self.head = torch.nn.Sequential(torch.nn.Linear(48, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))

    def forward(self, x):
        y = self.conv(x).flatten(2)
        return 100 * torch.sigmoid(self.head(torch.cat((y.amax(2), y.mean(2)), 1)).squeeze(1))


def train(pictures, mos, weight):
    torch.manual_seed(0)
    net = Net().train()
    model = robiq.wrap(net, scale=(0, 100), normalize="imagenet", name="nt" if weight else "baseline")
    optimizer = torch.optim.Adam(net.parameters(), 2e-3)
    for epoch in range(15):
        for rows in torch.randperm(len(pictures)).split(8):
            x = pictures[rows].requires_grad_()
            scores = model(x)
            loss = torch.nn.functional.l1_loss(scores, mos[rows])
            if weight:
                loss = loss + robiq.gradient_norm_penalty(model, x, scores, weight=weight)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


# Stands for your data: pictures with more and more noise, and their MOS.
torch.manual_seed(1)
level = torch.rand(64)
smooth = torch.nn.functional.interpolate(torch.rand(64, 3, 8, 8), size=(64, 64), mode="bilinear")
pictures = (smooth + 0.4 * level.view(-1, 1, 1, 1) * torch.randn(64, 3, 64, 64)).clamp(0, 1)
mos = 100 * (1 - level)

print("           srocc clean  srocc attacked  rmse attacked")
for weight in (0.0, 1e-3):
    model = train(pictures[:48], mos[:48], weight)
    made = robiq.attack("fgsm:epsilon=0.01", model, pictures[48:])
    measures = robiq.metrics(mos=mos[48:], before=made.before, after=made.after, bootstrap=0)
    print(f"{model.name:10} {measures['mos_before']['srocc']:11.3f} {measures['mos_after']['srocc']:15.3f} "
          f"{measures['before_after']['rmse']:14.2f}")

run = robiq.evaluate(model, data="builtin:scenes=10,size=64", attacks=["fgsm"], limit=3, split="all",
                     out=tempfile.mkdtemp(), bootstrap=0)
print("on builtin pictures, with a report:", robiq.report(run).page)
