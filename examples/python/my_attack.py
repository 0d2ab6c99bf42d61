"""An attack that is written in Python: it works wherever robiq takes an attack.

    python3 my_attack.py
"""

import tempfile

import torch

import robiq


@robiq.register_attack
class MomentumSigns(robiq.Attack):
    """steps along the sign of a running mean of gradients"""

    name = "momentum-signs"
    options = {
        "epsilon": robiq.Option(0.01, "radius of the ball", 0, 1, "of [0,1]"),
        "steps": robiq.Option(5, "how many", 1, 1000),
        "decay": robiq.Option(0.9, "of the mean", 0, 1),
    }

    def perturb(self, model, images, context):
        mean = torch.zeros_like(images)
        x = images
        for _ in range(self.steps):
            if context.stop():
                raise KeyboardInterrupt
            x = x.detach().requires_grad_()
            gradient = torch.autograd.grad(model(x).sum(), x)[0]
            size = gradient.abs().mean((1, 2, 3), keepdim=True).clamp_min(1e-12)
            mean = self.decay * mean + gradient / size
            x = x.detach() + self.epsilon / self.steps * mean.sign()
            x = torch.min(torch.max(x, images - self.epsilon), images + self.epsilon).clamp(0, 1)
        return x


def contrast(x):
    """Stands for a model: scores contrast from 0 to 100."""
    return 100 * (3 * x.std((1, 2, 3))).clamp(0, 1)


model = robiq.wrap(contrast, scale=(0, 100))
for spec in ("momentum-signs", "momentum-signs:steps=20", "ifgsm:epsilon=0.01,loss=up"):
    made = robiq.attack(spec, model, torch.rand(2, 3, 64, 64) * 0.5)
    print(f"{spec:28} {made.before.mean():7.3f} -> {made.after.mean():7.3f}")

run = robiq.evaluate(model, data="builtin:scenes=10,size=64", attacks=["momentum-signs", "fgsm"],
                     out=tempfile.mkdtemp(), limit=3, bootstrap=0)
for row in run.rows:
    if row["block"] == "before_after":
        print(f"{row['attack']:28} rmse {row['rmse']:.3f}")
