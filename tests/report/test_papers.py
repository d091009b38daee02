"""A report says what the analysis said, to people who see it, print it, or have it read to them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from biotune.analysis import client_words, words
from biotune.analysis.metrics import CATALOGUE
from biotune.domain import Caveat, Verdict
from biotune.errors import BiotuneError
from biotune.library import subjects
from biotune.library.subjects import Subject
from biotune.report import drawings, html, ink, papers, pdf, printing
from biotune.report.blocks import Cards, Figure, Paper, Paragraph, Row, Table, Words
from biotune.report.papers import Audience
from biotune.report.text import NOT_MEDICAL

SAMPLES = Path(__file__).parents[2] / "sample_data"
NAMES = ("responds", "noisy", "irregular", "drumming", "slow-breathing")


def subject_of(path: Path) -> Subject:
    return subjects.find(str(path), lambda: pytest.fail("a file needs no library"))


@pytest.fixture(scope="module", params=NAMES)
def subject(request: pytest.FixtureRequest) -> Subject:
    return subject_of(SAMPLES / f"{request.param}.biotune.jsonl")


@pytest.fixture(scope="module")
def responds() -> Subject:
    return subject_of(SAMPLES / "responds.biotune.jsonl")


class Seen(HTMLParser):
    """What a page's markup holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._silent = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent = tag == "style"

    def handle_endtag(self, _tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._silent else data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_clients_page_says_every_sentence_of_the_comparison_and_that_it_is_no_medical_device(
    subject: Subject,
) -> None:
    seen = Seen(html.page(papers.write(subject, Audience.CLIENT)))
    made = subject.overview.comparison
    told = client_words.tell(made)
    assert len(told) == len(made.words)
    for each in told:
        assert f"{each.said} {each.measured}".strip() in seen.text
    researcher = Seen(html.page(papers.write(subject, Audience.RESEARCHER)))
    for sentence in made.words:
        assert sentence in researcher.text
    for change in (made.changes[key] for key in ("mean_hr", "rmssd", "breathing_rate") if key in made.changes):
        assert words.verdict_label(change.verdict) in seen.text
    assert NOT_MEDICAL in seen.text
    assert made.reason in seen.text


def test_a_page_asks_for_nothing_and_can_be_read_out(subject: Subject) -> None:
    for audience in Audience:
        page = html.page(papers.write(subject, audience))
        assert len(page.encode()) < 200_000
        seen = Seen(page)
        for _, attributes in seen.tags:
            assert not {"src", "href", "onclick", "srcset"} & set(attributes)
        assert "url(" not in page
        assert "@import" not in page
        assert not seen.of("script")
        assert seen.of("html")[0]["lang"] == "en-GB"
        assert len(seen.of("h1")) == 1
        assert len(seen.of("caption")) == len(seen.of("table"))
        assert all(cell.get("scope") in {"col", "row"} for cell in seen.of("th"))
        assert all(drawn["role"] == "img" and len(drawn["aria-label"] or "") > 20 for drawn in seen.of("svg"))


def test_a_researchers_paper_has_every_metric_with_its_unit_and_every_reason(subject: Subject) -> None:
    tables = [block for block in papers.write(subject, Audience.RESEARCHER).blocks if isinstance(block, Table)]
    (every,) = [table for table in tables if table.caption.startswith("Convention")]
    analysis = subject.overview.analysis
    assert [row[0] for row in every.rows] == [definition.name for definition in CATALOGUE.values()]
    for row, key in zip(every.rows, CATALOGUE, strict=True):
        for told, phase in zip(row[2:], analysis.phases, strict=True):
            metric = phase.metrics[key]
            assert row[1] == metric.unit
            if metric.unavailable:
                assert metric.unavailable.value.replace("-", " ") in told
                assert metric.needs in told
            else:
                assert float(told.rstrip("*§†‡")) == pytest.approx(metric.value, rel=0.02, abs=0.001)
    (made,) = [table for table in tables if table.caption == "What made these numbers"]
    values = dict(made.rows)
    assert values["log SHA-256"] == analysis.provenance.log_sha256
    assert {key.replace("_", " ") for key in analysis.provenance.parameters} <= set(values)


def test_gaps_and_artefacts_are_told_with_their_reasons() -> None:
    subject = subject_of(SAMPLES / "noisy.biotune.jsonl")
    seen = Seen(html.page(papers.write(subject, Audience.RESEARCHER)))
    for gap in subject.overview.analysis.gaps:
        assert f"{gap.start_s:.1f}" in seen.text
        assert gap.reason.value in seen.text
    assert "2 gaps without signal" in seen.text
    assert f"{subject.overview.analysis.artefacts[0].time_s:.2f} s" in seen.text


def test_an_irregular_rhythm_is_told_without_a_diagnosis() -> None:
    seen = Seen(html.page(papers.write(subject_of(SAMPLES / "irregular.biotune.jsonl"), Audience.CLIENT)))
    assert words.caveat_sentence(Caveat.IRREGULAR_RHYTHM) in seen.text
    assert "fibrillation" not in seen.text


def test_a_card_says_of_its_own_number_that_breathing_changed() -> None:
    paper = papers.write(subject_of(SAMPLES / "slow-breathing.biotune.jsonl"), Audience.CLIENT)
    (row,) = [block for block in paper.blocks if isinstance(block, Cards)]
    (rmssd,) = [card for card in row.cards if card.note.startswith("RMSSD")]
    assert words.caveat_sentence(Caveat.BREATHING_CHANGED) in rmssd.beside


def test_a_file_without_phases_gets_a_report_that_says_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "rr.txt"
    file.write_text("".join(f"{800 + 40 * (k % 5)}\n" for k in range(400)))
    for audience in Audience:
        paper = papers.write(subject_of(file), audience)
        assert any(isinstance(block, Words) and "nothing to compare" in block.title for block in paper.blocks)
        assert printing.printed(subject_of(file), audience, ".pdf").startswith(b"%PDF")
        assert str(tmp_path) not in html.page(paper)


def test_markup_in_a_name_stays_text() -> None:
    paper = Paper(
        '<b>"&', ("<i>",), (Paragraph('<script>x</script> #{1} $x$ \\ " end'), Words("<u>", ("*a*",))), "</p>"
    )
    page = html.page(paper)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert pdf.document(paper).startswith(b"%PDF")


@pytest.mark.parametrize("text", ["日本語の音楽 🎵", "a\x00b\x1b[2J", "שלום", "\u202egnp.exe", "x" * 3000])
def test_any_text_makes_a_pdf(text: str) -> None:
    paper = Paper(text, (text,), (Paragraph(text), Table(text, ("a", "b"), ((text, text),))), text)
    assert pdf.document(paper).startswith(b"%PDF")


def test_the_pdf_is_tagged_has_a_language_a_title_and_its_fonts_inside(responds: Subject) -> None:
    for audience in Audience:
        made = printing.printed(responds, audience, ".pdf")
        assert len(made) < 400_000
        assert b"<pdfuaid:part>1</pdfuaid:part>" in made
        assert re.search(rb"/Lang ?\(en-GB\)", made)
        assert b"/FontFile3" in made
        assert b"Session report" in made  # in the metadata, which is not packed
        assert b"http://127" not in made


def test_a_pdf_that_typst_cannot_make_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_source", lambda *_: iter(["#panic()"]))
    with pytest.raises(BiotuneError, match="the PDF cannot be made") as refused:
        pdf.document(Paper("x", (), (), ""))
    assert ".html" in refused.value.hint


def test_drawings_break_at_gaps_and_stay_small_for_a_day() -> None:
    import numpy as np

    from biotune.analysis.tachogram import Tachogram

    overview = subject_of(SAMPLES / "noisy.biotune.jsonl").overview
    drawn = drawings.tachogram(
        overview.tachogram, [each.phase for each in overview.analysis.phases], overview.analysis.gaps
    )
    beat = drawn.split('class="beat" d="')[1].split('"')[0]
    assert beat.count("M") == len(np.unique(overview.tachogram.stretch[~overview.tachogram.flagged]))

    beats = 110_000
    time_s = np.arange(beats) * 0.8
    bpm = 75 + 10 * np.sin(time_s / 4)
    seconds = np.arange(int(time_s[-1]))
    day = Tachogram(
        time_s, bpm, np.zeros(beats, dtype=np.int64), np.zeros(beats, dtype=bool), seconds, np.full(len(seconds), 75.0)
    )
    drawn = drawings.tachogram(day, (), ())
    assert len(drawn) < 60_000
    heights = [float(point.split()[1]) for point in drawn.split('class="beat" d="M')[1].split('"')[0].split("L")]
    assert max(heights) - min(heights) > 100  # thinned, and its highs and lows are all there


@pytest.mark.parametrize("colours", [ink.LIGHT, ink.DARK])
def test_text_and_marks_stand_out_from_their_ground(colours: dict[str, str]) -> None:
    """WCAG 2.2: 4.5:1 for text, 3:1 for what carries meaning."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for text in ("ink", "quiet"):
        assert contrast(text, "ground") >= 4.5
    assert contrast("ink", "words") >= 4.5
    for mark in ("line", "flagged", "baseline", "intervention", "recovery", "other"):
        assert contrast(mark, "ground") >= 3.0


def test_nothing_is_promised_and_nobody_is_diagnosed(subject: Subject) -> None:
    told = Seen(html.page(papers.write(subject, Audience.CLIENT))).text.lower()
    for word in ("relaxed", "improved", "healthy", "better", "stress level", "disease", "abnormal"):
        assert word not in told


def test_a_verdict_is_never_left_out_of_the_table(responds: Subject) -> None:
    paper = papers.write(responds, Audience.CLIENT)
    (table,) = [b for b in paper.blocks if isinstance(b, Table) and b.head[-1] == "Verdict"]
    assert [row[-1] for row in table.rows][:2] == [words.verdict_label(Verdict.CLEAR)] * 2
    assert any(isinstance(block, Figure) for block in paper.blocks)
    assert any(isinstance(block, Row) and len(block.figures) == 3 for block in paper.blocks)
