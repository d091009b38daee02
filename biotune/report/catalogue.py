"""The metrics as a page for people: ``python -m biotune.report.catalogue > docs/metrics.md``."""

from biotune.analysis.metrics import CATALOGUE, MetricDefinition

_HEAD = """\
# The metrics

Made by `python -m biotune.report.catalogue`; a test holds it to the catalogue that computes them. Units and
definitions are those of the conventions `kubios` and `task-force`; [the method](method.md) says how the three differ.
"""


def page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *(_section(definition) for definition in CATALOGUE.values())])


def _section(definition: MetricDefinition) -> str:
    unit = "" if definition.unit == "1" else f", {definition.unit}"
    unbroken = ", without a gap in it" if definition.unbroken else ""
    return f"""\
## {definition.name}{unit}

{definition.plain}

**For a client.** {definition.for_client}

**For a researcher.** {definition.for_researcher}

- Key `{definition.key}`; needs {definition.least}{unbroken}.
- {definition.definition}
- Source: {definition.source}.
"""


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - a page for a file
