"""Evaluates a metric of pyiqa under attack: pip install pyiqa.

    python3 evaluate_pyiqa.py [NAME]
"""

import sys
import tempfile

import robiq

try:
    import pyiqa
except ImportError:
    print("skipped: pyiqa is not installed (pip install pyiqa)")
    sys.exit(0)

name = sys.argv[1] if len(sys.argv) > 1 else "cnniqa"
metric = pyiqa.create_metric(name, as_loss=True)  # as_loss keeps the gradient
low, high = (float(end) for end in metric.score_range.strip("~").split(",")[:2])
scale = (high, low) if metric.lower_better else (low, high)
model = robiq.wrap(metric, scale=scale, name=name, version=pyiqa.__version__)
for promise in robiq.check(model):
    print(f"{promise.state:6} {promise.promise}")

run = robiq.evaluate(model, data="builtin:scenes=10", attacks=["fgsm", "ifgsm"], limit=10,
                     out=tempfile.mkdtemp())
for row in run.rows:
    print(row["attack"], row["block"], row["srocc"])
print(robiq.report(run).page)
