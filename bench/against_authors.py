#!/usr/bin/env python3
"""Times the authors' own HyperIQA beside robiq's, in turn, and prints the ratio.

    python3 bench/against_authors.py CHECKOUT

CHECKOUT is a folder with the paper's code (github.com/YangiD/DefenseIQA-NT) and, beside it, the
models.py of github.com/SSL92/hyperIQA, which that code imports.

How: the authors' HyperIQASolver is imported from CHECKOUT and runs its own train() and test(). The
program only feeds it random pictures and reads the clock when train() asks for the next batch.
Replaced from outside: the data loader, scipy's correlations, the download of a backbone (weights stay
random), and .cuda() (all runs on the processor). Adam has no weight decay on either side.
`robiq bench` takes the other side's times, in a process of its own, while this one sleeps.

A turn is the authors, then robiq. Of each turn's steps the median counts (both sides warm up
first), and of all turns the shortest. Exit codes: 0 done; 2 wrong arguments or no checkout; 3 no
torch, no robiq, or one of them failed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

BATCH, SIDE, CROPS = 4, 224, 25
QUESTIONS = {
    "nt": f"HyperIQA, NT step, batch {BATCH}",
    "baseline": f"HyperIQA, baseline step, batch {BATCH}",
    "score": f"HyperIQA, score of {CROPS} crops",
}
Times = dict[str, float]


def fail(code: int, message: str) -> NoReturn:
    """Ends with one line that says what is wrong, where, and how to mend it."""
    print(f"against_authors: {message}", file=sys.stderr)
    raise SystemExit(code)


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def parse_arguments() -> argparse.Namespace:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parser = argparse.ArgumentParser(description="robiq's speed beside the authors' own code")
    parser.add_argument("checkout", type=Path, help="folder of the authors' code")
    parser.add_argument("--threads", type=positive, default=cores,
                        help="of either side [%(default)s]")
    parser.add_argument("--repeats", type=positive, default=3, help="turns [%(default)s]")
    parser.add_argument("--steps", type=positive, default=3, help="timed, a turn [%(default)s]")
    parser.add_argument("--robiq", help="the program [build/release/robiq, or the PATH's]")
    parser.add_argument("--only", nargs="+", choices=QUESTIONS, default=list(QUESTIONS),
                        metavar="QUESTION", help="of: " + ", ".join(QUESTIONS))
    return parser.parse_args()


def check_checkout(folder: Path) -> None:
    if not folder.is_dir():
        fail(2, f"{folder}: no such folder; clone github.com/YangiD/DefenseIQA-NT there")
    wanted = {"HyperIQASolver.py": "clone github.com/YangiD/DefenseIQA-NT there",
              "models.py": "copy it from github.com/SSL92/hyperIQA"}
    for name, remedy in wanted.items():
        if not (folder / name).is_file():
            fail(2, f"{folder}: no {name}, so no whole checkout of the authors' code; {remedy}")


def find_robiq(asked: str | None) -> str:
    built = Path(__file__).resolve().parent.parent / "build/release/robiq"
    found = shutil.which(asked or str(built)) or (None if asked else shutil.which("robiq"))
    if found is None:
        where = asked or f"{built} and the PATH"
        fail(3, f"{where}: no robiq to run; build it, or name it with --robiq PATH")
    return found


def import_torch(threads: int) -> Any:
    """PyTorch with that many threads."""
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        fail(3, f"{sys.executable}: no PyTorch ({error}); install it (Debian: python3-torch)")
    if tuple(int(part) for part in torch.__version__.split(".")[:2]) < (1, 8):
        fail(3, f"{sys.executable}: PyTorch {torch.__version__} is too old; install 1.8 or newer")
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    return torch


class Batches:
    """Random batches that note when each was given and when the next was asked for."""

    def __init__(self, torch: Any, count: int, size: int) -> None:
        self.batches = [(torch.rand(size, 3, SIDE, SIDE), 100 * torch.rand(size))
                        for _ in range(count)]
        self.seconds: list[float] = []

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        for batch in self.batches:
            start = time.perf_counter()
            yield batch
            self.seconds.append(time.perf_counter() - start)


def replace_surroundings(torch: Any) -> None:
    """Puts something harmless where the authors' code would read files, download or want a GPU."""
    torch.Tensor.cuda = lambda self, *_, **__: self
    torch.nn.Module.cuda = lambda self, *_, **__: self
    importlib.import_module("torch.utils.model_zoo").load_url = lambda *_, **__: {}
    loader = types.ModuleType("data_loader")
    no_data = types.SimpleNamespace(get_data=list)
    loader.DataLoader = lambda *_, **__: no_data  # type: ignore[attr-defined]
    no_correlation = types.SimpleNamespace(spearmanr=lambda *_: (0.0, 0.0),
                                           pearsonr=lambda *_: (0.0, 0.0))
    scipy = types.ModuleType("scipy")
    scipy.stats = no_correlation  # type: ignore[attr-defined]
    sys.modules.update({"data_loader": loader, "scipy": scipy})
    warnings.filterwarnings("ignore")


class Authors:
    """The authors' solver, called for one question at a time."""

    def __init__(self, checkout: Path, torch: Any, steps: int) -> None:
        self.torch, self.steps = torch, steps
        replace_surroundings(torch)
        sys.path.insert(0, str(checkout.resolve()))
        sys.dont_write_bytecode = True  # The checkout stays as it was.
        try:
            self.solver_class = importlib.import_module("HyperIQASolver").HyperIQASolver
        except Exception as error:
            fail(3, f"{checkout}: the authors' code cannot be imported ({error}); see its README")

    def solver(self, with_nt: bool) -> Any:
        """A new one each time: at its end, train() leaves an optimiser that lacks parameters."""
        config = types.SimpleNamespace(
            epochs=1, test_patch_num=CROPS, lr=1e-4, lr_ratio=1, weight_decay=0, dataset="random",
            patch_size=SIDE, train_patch_num=1, batch_size=BATCH, if_grad=with_nt, h=0.01,
            weight=1e-6)
        return self.solver_class(config, "", [], [])

    def seconds(self, question: str) -> float:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return self.score() if question == "score" else self.step(question == "nt")
        except Exception as error:
            fail(3, f"the authors' code failed at '{question}' ({error}); --only leaves it out")

    def step(self, with_nt: bool) -> float:
        warm_up = 2
        batches = Batches(self.torch, warm_up + self.steps, BATCH)
        solver = self.solver(with_nt)
        solver.train_data = batches
        solver.train()
        return statistics.median(batches.seconds[warm_up:])

    def score(self) -> float:
        """Their test() of one picture's crops, one crop a pass, as their loader gives them."""
        solver = self.solver(False)
        solver.test(Batches(self.torch, CROPS, 1))
        times = []
        for _ in range(self.steps):
            crops = Batches(self.torch, CROPS, 1)
            solver.test(crops)
            times.append(sum(crops.seconds))
        return statistics.median(times)


class Robiq:
    """`robiq bench`, and what it printed."""

    def __init__(self, program: str, threads: int, steps: int) -> None:
        self.program, self.threads, self.steps = program, threads, steps
        self.version = "?"

    def bench(self, *arguments: str) -> dict[str, Any]:
        command = [self.program, "bench", *arguments, "--model", "hyperiqa", "--threads",
                   str(self.threads), "--format", "json", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            fail(3, f"{self.program}: bench failed ({lines[-1]}); try: {' '.join(command)}")
        try:
            row = json.loads(done.stdout)
            self.version = row["robiq_version"]
        except (ValueError, KeyError, TypeError):
            fail(3, f"{self.program}: bench printed no result known here; use this source's robiq")
        return row

    def turn(self, questions: list[str]) -> Times:
        """Seconds of the questions; one call measures both kinds of step."""
        times: Times = {}
        if {"nt", "baseline"} & set(questions):
            row = self.bench("nt-step", "--batch", str(BATCH), "--side", str(SIDE), "--steps",
                             str(self.steps))
            times |= {"nt": row["nt_seconds"], "baseline": row["baseline_seconds"]}
        if "score" in questions:
            row = self.bench("score", "--repeats", str(self.steps))
            if row["views"] != CROPS:
                fail(3, f"{self.program}: scored {row['views']} crops, not {CROPS}; "
                        "use this source's robiq")
            times["score"] = row["seconds"]
        return {question: times[question] for question in questions}


def print_table(authors: list[Times], robiq: list[Times], questions: list[str]) -> None:
    print("| random weights, float32 | robiq, s | authors, s | authors over robiq |")
    print("|---|---:|---:|---:|")
    for question in questions:
        mine, theirs = (min(turn[question] for turn in turns) for turns in (robiq, authors))
        print(f"| {QUESTIONS[question]} | {mine:.3f} | {theirs:.3f} | {theirs / mine:.2f} |")


def main() -> None:
    asked = parse_arguments()
    check_checkout(asked.checkout)
    program = find_robiq(asked.robiq)
    torch = import_torch(asked.threads)
    questions = [question for question in QUESTIONS if question in asked.only]
    authors = Authors(asked.checkout, torch, asked.steps)
    robiq = Robiq(program, asked.threads, asked.steps)
    turns_authors: list[Times] = []
    turns_robiq: list[Times] = []
    for turn in range(asked.repeats):
        print(f"turn {turn + 1} of {asked.repeats}", file=sys.stderr)
        turns_authors.append({each: authors.seconds(each) for each in questions})
        turns_robiq.append(robiq.turn(questions))
    print(f"robiq {robiq.version}; PyTorch {torch.__version__}; "
          f"Python {platform.python_version()}; threads {asked.threads}; "
          f"crops of {SIDE} x {SIDE}; shortest of {asked.repeats} turns, "
          f"each the median of {asked.steps}")
    print_table(turns_authors, turns_robiq, questions)


if __name__ == "__main__":
    main()
