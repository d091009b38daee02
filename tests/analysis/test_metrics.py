"""The catalogue against the contract that scripts rely on."""

from biotune.analysis.metrics import CATALOGUE

KEYS_AND_UNITS = {  # the published list of metric keys
    "mean_hr": "bpm",
    "mean_nn": "ms",
    "sdnn": "ms",
    "rmssd": "ms",
    "sd1": "ms",
    "sd2": "ms",
    "rsa": "ms",
    "ln_rmssd": "ln ms",
    "pnn50": "%",
    "vlf": "ms²",
    "lf": "ms²",
    "hf": "ms²",
    "total_power": "ms²",
    "lf_hf": "1",
    "sd1_sd2": "1",
    "sample_entropy": "1",
    "dfa_alpha1": "1",
    "dfa_alpha2": "1",
    "rhythm_regularity": "1",
    "lf_nu": "%",
    "hf_nu": "%",
    "stress_index": "√(1/s²)",
    "breathing_rate": "1/min",
}
LEAST = {  # Task Force 1996, Munoz 2015 and convention
    "mean_hr": "10 s",
    "rmssd": "60 s",
    "sdnn": "120 s",
    "hf": "67 s",
    "lf": "250 s",
    "vlf": "3000 s",
    "total_power": "250 s",
    "lf_hf": "250 s",
    "lf_nu": "250 s",
    "hf_nu": "250 s",
    "pnn50": "60 s",
    "sd1": "60 s",
    "sd2": "60 s",
    "rsa": "60 s",
    "stress_index": "120 s",
    "sample_entropy": "200 beats",
    "dfa_alpha1": "128 beats",
    "dfa_alpha2": "256 beats",
}


def test_keys_units_and_order_are_those_published() -> None:
    assert {key: metric.unit for key, metric in CATALOGUE.items()} == KEYS_AND_UNITS
    assert list(CATALOGUE) == list(KEYS_AND_UNITS)


def test_least_lengths_are_those_published() -> None:
    assert {key: str(CATALOGUE[key].least) for key in LEAST} == LEAST


def test_every_metric_says_what_it_is_and_whence() -> None:
    for metric in CATALOGUE.values():
        assert metric.name
        assert metric.definition.endswith(".")
        assert metric.plain.endswith(".")
        assert metric.source


def test_every_metric_has_a_paragraph_for_a_client_and_one_for_a_researcher() -> None:
    """Neither promises anything, and a client is told no letters and no literature."""
    for metric in CATALOGUE.values():
        client, researcher = metric.for_client, metric.for_researcher
        assert 40 < len(client) < 400, metric.key
        assert 40 < len(researcher) < 600, metric.key
        assert "ms²" not in client, metric.key
        assert not any(year in client for year in ("19", "20")), metric.key
        for promise in ("heal", "improve", "cure", "relaxed", "better health"):
            assert promise not in client.casefold().replace("healthier", ""), metric.key


def test_what_is_often_misread_is_said_of_it() -> None:
    assert "Billman" in CATALOGUE["lf_hf"].for_researcher
    assert "9 to 24 a minute" in CATALOGUE["hf"].for_researcher
    assert "does not measure stress" in CATALOGUE["stress_index"].for_client
