"""A paper as PDF, by typst: tagged for screen readers (PDF/UA-1), its fonts inside it, no network and no browser."""

import json
from collections.abc import Iterator
from typing import Literal

from biotune.errors import BiotuneError
from biotune.report import ink
from biotune.report.blocks import Block, Card, Cards, Figure, Heading, Paper, Paragraph, Row, Table, Words

_FONT = "Libertinus Serif"  # comes with typst
_STANDARD: Literal["ua-1"] = "ua-1"
_TABLE_COLUMNS_WIDE = 8  # more than that is set smaller


def document(paper: Paper) -> bytes:
    """Return the whole file.

    Raises
    ------
    BiotuneError
        Where typst cannot make it.
    """
    import typst  # noqa: PLC0415 - 30 MB that only a PDF needs

    drawn: dict[str, str] = {}
    source = "\n".join(_source(paper, drawn)).encode()
    try:
        return bytes(typst.compile(source, format="pdf", sys_inputs=drawn, pdf_standards=_STANDARD))
    except typst.TypstError:  # a character that no font here has: allowed in a PDF, not in PDF/UA
        try:
            return bytes(typst.compile(source, format="pdf", sys_inputs=drawn))
        except typst.TypstError as error:
            raise BiotuneError(
                "the PDF cannot be made", why=f"typst says: {error}.", hint="Write the report as .html instead."
            ) from error


def _source(paper: Paper, drawn: dict[str, str]) -> Iterator[str]:
    colours = ink.LIGHT
    yield f'#set document(title: {_quoted(paper.title)}, author: "biotune")'
    yield f'#set text(lang: "en", region: "GB", font: {_quoted(_FONT)}, size: 10pt)'
    yield f"#set text(fill: rgb({_quoted(colours['ink'])}))"
    yield (
        '#set page(paper: "a4", margin: (x: 18mm, top: 16mm, bottom: 20mm), footer: context [#set text(size: 8pt, '
        f"fill: rgb({_quoted(colours['quiet'])}))\n#{_quoted(paper.foot)} #h(1fr) "
        '#counter(page).display("1 / 1", both: true)])'
    )
    yield "#set par(leading: 0.58em, justify: false)"
    yield "#show heading.where(level: 1): set text(size: 17pt)"
    yield "#show heading.where(level: 2): set text(size: 12.5pt)"
    yield "#show heading.where(level: 3): set text(size: 10.5pt)"
    yield "#show heading.where(level: 2): set block(above: 16pt, below: 8pt)"
    yield f"#set table(stroke: (x, y) => (bottom: 0.5pt + rgb({_quoted(colours['rule'])})), inset: (x: 3pt, y: 3pt))"
    yield '#show table.cell.where(y: 0): set text(weight: "bold")'
    yield "#show figure: set block(breakable: true)"
    yield f"#heading(level: 1, {_quoted(paper.title)})"
    yield f"#text(fill: rgb({_quoted(colours['quiet'])}), {_quoted(' · '.join(paper.facts))})"
    for block in paper.blocks:
        yield ""
        yield from _block(block, drawn)


def _block(block: Block, drawn: dict[str, str]) -> Iterator[str]:
    match block:
        case Heading():
            yield f"#heading(level: 2, {_quoted(block.text)})"
        case Paragraph():
            yield f"#par({_small(block.text) if block.small else _text(block.text)})"
        case Words():
            yield (
                f"#block(width: 100%, fill: rgb({_quoted(ink.LIGHT['words'])}), inset: 9pt, radius: 4pt, above: 10pt)["
                f"#heading(level: 2, outlined: true, {_quoted(block.title)})"
            )
            yield from (f"#par({_text(sentence)})" for sentence in block.sentences)
            yield "]"
        case Cards():
            yield f"#grid(columns: (1fr,) * {len(block.cards)}, gutter: 6pt,"
            yield from (f"{_card(card)}," for card in block.cards)
            yield ")"
        case Figure():
            yield f"#{_image(block, drawn)}"
            if block.caption:
                yield f"#par({_small(block.caption)})"
        case Row():
            yield f"#grid(columns: (1fr,) * {len(block.figures)}, gutter: 8pt,"
            for title, figure in block.figures:
                yield f"[#heading(level: 3, {_quoted(title)}) #{_image(figure, drawn)}],"
            yield ")"
        case Table():
            yield from _table(block)


def _card(card: Card) -> str:
    inside = [f"#heading(level: 3, {_quoted(card.title)})"]
    if card.note:
        inside.append(f"#par({_small(card.note)})")
    if card.values:
        inside.append(f'#par(text(size: 13pt, weight: "bold", {_quoted(card.values)}))')
    if card.verdict:
        inside.append(f"#par(box(stroke: 0.6pt, radius: 6pt, inset: (x: 5pt, y: 2.5pt), {_text(card.verdict)}))")
    inside += [f"#par({_small(sentence)})" for sentence in card.beside]
    edge = f"0.7pt + rgb({_quoted(ink.LIGHT['edge'])})"
    return f"block(stroke: {edge}, radius: 4pt, inset: 7pt, width: 100%, breakable: false)[{' '.join(inside)}]"


def _image(figure: Figure, drawn: dict[str, str]) -> str:
    name = f"drawing-{len(drawn)}"
    style = f"<style>text {{ font-family: '{_FONT}'; }} {ink.rules(ink.LIGHT)}</style>"
    begin = figure.svg.index(">") + 1
    drawn[name] = figure.svg[:begin] + style + figure.svg[begin:]
    return f'image(bytes(sys.inputs.at("{name}")), format: "svg", width: 100%, alt: {_quoted(figure.alternative)})'


def _table(table: Table) -> Iterator[str]:
    size = "9pt" if not table.small else "7pt" if len(table.head) > _TABLE_COLUMNS_WIDE else "8pt"
    aligned = ", ".join(
        "right" if table.numbers_from <= column < table.words_from else "left" for column in range(len(table.head))
    )
    columns = ", ".join("auto" if column else "1fr" for column in range(len(table.head)))
    yield f"#block(above: 9pt, below: 3pt, sticky: true, {_small(table.caption)})"
    yield f"#[#set text(size: {size}, hyphenate: true); #table(columns: ({columns},), align: ({aligned},),"
    yield f"table.header({', '.join(_text(text) for text in table.head)}),"
    for row in table.rows:
        yield f"{', '.join(_text(text) for text in row)},"
    yield ")]"


def _small(words: str) -> str:
    return f"text(size: 8.5pt, fill: rgb({_quoted(ink.LIGHT['quiet'])}), {_quoted(words)})"


def _text(words: str) -> str:
    return f"text({_quoted(words)})"


def _quoted(words: str) -> str:
    r"""Write words as a string of typst, in which nothing is markup.

    Examples
    --------
    >>> print(_quoted('a "b" #c \\ d'))
    "a \"b\" #c \\ d"
    """
    plain = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in words)
    return json.dumps(plain, ensure_ascii=False)
