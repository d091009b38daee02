"""``python -m biotune``."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from biotune.cli.main import main as run  # noqa: PLC0415 - `import biotune.__main__` stays free

    return run()


if __name__ == "__main__":
    sys.exit(main())
