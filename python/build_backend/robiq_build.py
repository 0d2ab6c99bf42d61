"""Builds the wheel of the Python package with CMake (PEP 517), out of what the standard library has, so
that `pip install .` needs no network.

Environment: ROBIQ_BUILD names a build folder that is there already, with the package built in it;
CMAKE_ARGS are more arguments for CMake.
"""

import base64
import hashlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import sysconfig
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_sdist(config_settings=None):
    return []


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("robiq has no source archive for pip; clone the repository and pip install it")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Returns the wheel's name."""
    version = re.search(r"project\(robiq VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    name = f"robiq-{version}-{tag}-{tag}-{platform}.whl"
    with tempfile.TemporaryDirectory() as folder:
        staged = pathlib.Path(folder)
        _install(staged)
        _write_metadata(staged / f"robiq-{version}.dist-info", version, f"{tag}-{tag}-{platform}")
        _pack(staged, pathlib.Path(wheel_directory) / name, f"robiq-{version}.dist-info/RECORD")
    return name


def _run(*command):
    # pip hides the system's packages from this process by PYTHONPATH; PyTorch is one of them.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(list(map(str, command)), env=environment)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed; docs/python.md says what must be installed")


def _install(staged):
    """Puts the package into `staged`."""
    built = os.environ.get("ROBIQ_BUILD")
    build = pathlib.Path(built) if built else ROOT / "build" / f"pip-{sys.implementation.cache_tag}"
    if not built:
        # What an earlier try found may belong to another Python or PyTorch.
        forget = ["-UTorch_DIR", "-UROBIQ_TORCH_PYTHON", "-Upybind11_DIR"]
        _run("cmake", "-S", ROOT, "-B", build, *forget, "-DCMAKE_BUILD_TYPE=Release", "-DROBIQ_PYTHON=ON",
             "-DROBIQ_TESTS=OFF", "-DROBIQ_BENCH=OFF", f"-DPython_EXECUTABLE={sys.executable}",
             *shlex.split(os.environ.get("CMAKE_ARGS", "")))
        _run("cmake", "--build", build, "--target", "_robiq", "--parallel",
             subprocess.check_output(ROOT / "scripts" / "jobs.sh", text=True).strip())
    _run("cmake", "--install", build, "--component", "python", "--prefix", staged)
    for link in [path for path in (staged / "robiq").iterdir() if path.is_symlink()]:
        # A wheel holds no links: the file takes the name that programs look for.
        os.replace(link.resolve(), link)


def _write_metadata(folder, version, tag):
    folder.mkdir()
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: robiq\nVersion: {version}\n"
        "Summary: Robust no-reference image quality: attacks, defenses, evaluation\n"
        "Requires-Python: >=3.9\nRequires-Dist: torch\n")
    (folder / "WHEEL").write_text(
        f"Wheel-Version: 1.0\nGenerator: robiq_build\nRoot-Is-Purelib: false\nTag: {tag}\n")


def _pack(staged, wheel, record):
    lines = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in staged.rglob("*") if path.is_file()):
            name, data = path.relative_to(staged).as_posix(), path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(data)}")
            archive.writestr(name, data)
        archive.writestr(record, "\n".join(lines + [f"{record},,"]) + "\n")
