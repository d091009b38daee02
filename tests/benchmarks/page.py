"""What the benchmarks print, as a page: ``python tests/benchmarks/page.py hrv sliding > docs/benchmarks.md``."""

import ast
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent

_HEAD = """\
# How fast, and against what

Made by `python tests/benchmarks/page.py {names}` with biotune {biotune}, NeuroKit2 {neurokit2}, NumPy {numpy},
SciPy {scipy} and Python {python} on {cores} cores of {machine}. Both sides run in one process on the same input, in
turn; times are medians, and "times faster" is the median of the pairs' ratios. Times depend on the machine, ratios
hardly. `make bench` runs all benchmarks.
"""


def main(names: list[str]) -> None:
    names = names or sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    packages = {name: version(name) for name in ("biotune", "neurokit2", "numpy", "scipy")}
    machine = f"{platform.system()} on {platform.machine()}"
    cores = os.cpu_count()
    print(
        _HEAD.format(names=" ".join(names), python=platform.python_version(), cores=cores, machine=machine, **packages)
    )
    for name in names:
        script = HERE / f"bench_{name}.py"
        print(f"running {script.name} …", file=sys.stderr, flush=True)
        summary, _, more = (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or "").partition("\n\n")
        printed = subprocess.run([sys.executable, script], check=True, stdout=subprocess.PIPE, text=True).stdout
        body = printed if printed.startswith("|") else f"```\n{printed}```\n"
        print(f"## {summary.rstrip('.')}\n\n{more}\n\n{body}")


if __name__ == "__main__":
    main(sys.argv[1:])
