"""The record of a session's music, as part of a researcher's paper."""

from collections.abc import Iterator

from biotune.analysis import music_record, music_words
from biotune.analysis.music_record import MusicRecord, Row
from biotune.report import naming
from biotune.report.blocks import Block, Heading, Paragraph, Table

GUIDELINE = (
    "Robb SL, Burns DS, Carpenter JS. Reporting guidelines for music-based interventions. Journal of Health Psychology "
    "2011;16:342-352."
)
HEAD = ("Piece", "From", "To", "Performer", "Tempo", "Loudness", "Volume")


def blocks(record: MusicRecord) -> Iterator[Block]:
    """Lay out the record for a researcher; nothing where no music sounded and nobody wrote of any."""
    if record.is_empty:
        return
    yield Heading("The record of the music")
    if record.rows:
        yield Table("What sounded, when", HEAD, tuple(map(cells, record.rows)), words_from=3, small=True)
        if any(not row.play.end_logged and not row.play.live for row in record.rows):
            yield Paragraph("or so: its end was not logged; it is set at the player's last sign of life.", small=True)
    answers = tuple((each.item.title, each.value or "–") for each in record.answers)
    yield Table("The items of the reporting guideline", ("Item", "Told"), answers, words_from=1, small=True)
    yield Paragraph(music_record.words(record))
    if lacking := music_record.needed(record):
        yield Paragraph(f"A publication would still need: {'; '.join(lacking)}.")
    yield Paragraph(GUIDELINE, small=True)


def cells(row: Row) -> tuple[str, ...]:
    """Return a piece as it was played, under `HEAD`."""
    play = row.play
    return (
        play.title or "untitled",
        naming.clock(play.start_s),
        music_words.end(play, naming.clock(play.end_s)),
        row.performer or "–",
        row.tempo or "–",
        row.loudness or "–",
        "live" if play.live else f"{play.volume:.0%}".replace("%", " %"),
    )
