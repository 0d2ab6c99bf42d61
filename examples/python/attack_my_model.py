"""Attacks a model of one's own: any module or function that maps pictures to scores.

    python3 attack_my_model.py
"""

import torch

import robiq

torch.manual_seed(0)


class MyModel(torch.nn.Module):
    """Stands for yours: pictures [N,3,H,W], normalised, to scores [N] from 1 (worst) to 5 (best)."""

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Sequential(torch.nn.Conv2d(3, 16, 5, 2), torch.nn.ReLU(),
                                            torch.nn.Conv2d(16, 32, 5, 2), torch.nn.ReLU())
        self.head = torch.nn.Linear(32, 1)

    def forward(self, x):
        return 1 + 4 * torch.sigmoid(self.head(self.features(x).mean((2, 3)))).squeeze(1)


model = robiq.wrap(MyModel(), scale=(1, 5), normalize="imagenet")
for promise in robiq.check(model):
    if promise.state == "broken":
        print(f"{promise.promise}: {promise.finding}; {promise.hint}")

# Files: pictures = robiq.read_picture("photo.jpg")[None] / 255
pictures = torch.rand(4, 3, 96, 128)
print("attack                         before  after   ssim  passes")
for spec in ("fgsm:epsilon=0.01", "ifgsm:steps=10,epsilon=0.01", "square:queries=200,epsilon=0.02"):
    made = robiq.attack(spec, model, pictures)
    print(f"{spec:30} {made.before.mean():6.3f} {made.after.mean():6.3f} {made.ssim.mean():6.3f} "
          f"{made.forwards // len(pictures):7}")
