"""A client's experiment as plain text."""

from collections.abc import Sequence

from biotune.analysis import experiment_words
from biotune.analysis.experiment import Experiment
from biotune.report import text


def as_text(
    client: str, experiments: Sequence[Experiment], *, result_only: bool = False, whole_order: bool = False
) -> str:
    """Tell a client's experiments, the newest first.

    Parameters
    ----------
    client : str
        The client's code.
    experiments : sequence of Experiment
        Theirs.
    result_only : bool
        Whether the schedules are left out.
    whole_order : bool
        Whether the conditions to come are told beyond the next one: who knows them can choose whom they are for.
    """
    if not experiments:
        return (
            f"There is no plan for {client}.\n"
            f"Draw one: biotune plan {client} --design alternating --conditions listening,quiet-rest --sessions 12"
        )
    return "\n\n".join(
        [*(_one(each, result_only=result_only, whole_order=whole_order) for each in experiments), text.NOT_MEDICAL]
    )


def _one(experiment: Experiment, *, result_only: bool, whole_order: bool) -> str:
    parts = [f"Experiment {experiment.plan.id}", *experiment.words]
    if result_only:
        return "\n".join(parts)
    rows: list[Sequence[str]] = [("place", "condition", "state", "session", "")]
    rows += [
        (
            str(place.number),
            experiment.plan.conditions[place.condition].label,
            experiment_words.state_label(place.state),
            place.session or "-",
            " ".join(part for part in ("by hand." if place.by_hand else "", place.note) if part),
        )
        for place in (experiment.places if whole_order else experiment.disclosed)
    ]
    kept_back = experiment_words.kept_back_sentence(experiment)
    more = [] if whole_order or not kept_back else [f"{kept_back} All of it: --order."]
    return "\n".join([*parts, "", text.table(rows, numbers_from=len(rows[0])), *more])
