"""What a paper is made of: one content, laid out as HTML or as PDF."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A section begins."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words; `small` for what stands beside something."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences that matter most, in a box of their own."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One headline number: what, where it is read, how it stands, and what is said beside it."""

    title: str
    note: str
    values: str
    verdict: str
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """Headline numbers, side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing.

    Attributes
    ----------
    svg : str
        One ``<svg>`` element whose colours are classes of `biotune.report.ink`.
    alternative : str
        What it shows, for those who do not see it.
    caption : str
        How to read it.
    """

    svg: str
    alternative: str
    caption: str


@dataclass(frozen=True, slots=True)
class Row:
    """Figures side by side, each under its own title."""

    figures: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; the first column names the row.

    Attributes
    ----------
    caption : str
        What it holds.
    numbers_from, words_from : int
        Columns in between hold numbers, and are aligned to the right.
    small : bool
        Set in small type: long, for looking things up.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1
    words_from: int = 99
    small: bool = False


Block = Heading | Paragraph | Words | Cards | Figure | Row | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report.

    Attributes
    ----------
    title : str
        Of the document.
    facts : tuple of str
        What stands below the title: day, approach, length, strap, signal.
    blocks : tuple of Block
        In order.
    foot : str
        What stands at the end, and at the foot of every printed page.
    """

    title: str
    facts: tuple[str, ...]
    blocks: tuple[Block, ...]
    foot: str
