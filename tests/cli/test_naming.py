"""A code that looks like a name, on the command line."""

import pytest

from biotune.cli.main import main

NOTE = "That looks like a name. A code such as K-204 is safer: it stands in files and reports."


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def bring(tmp_path, capsys):
    """Import three beats for a client; what stderr says."""

    def run(client, number):
        file = tmp_path / f"{number}.txt"
        file.write_text("\n".join(str(800 + (beat + number) % 7) for beat in range(100)), encoding="utf-8")
        assert main(["import", str(file), "--client", client]) == 0
        return capsys.readouterr().err

    return run


def test_a_new_name_is_noted_once_and_a_code_never(bring):
    assert bring("Maria Müller", 1) == f"note: Maria Müller: {NOTE}\n"
    assert bring("Maria Müller", 2) == ""
    assert bring("K-204", 3) == ""


def test_a_recording_notes_it_too(capsys):
    call = ["record", "--simulate", "resting", "--speed", "max", "--protocol", "quick-check", "--client", "Maria"]
    assert main(call) == 0
    assert f"note: Maria: {NOTE}" in capsys.readouterr().err
