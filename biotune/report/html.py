"""A paper as one HTML file: nothing outside it is asked for, it prints as it stands, and follows light and dark."""

from collections.abc import Iterator, Mapping
from html import escape

from biotune.report import ink
from biotune.report.blocks import Block, Card, Cards, Figure, Heading, Paper, Paragraph, Row, Table, Words

_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'
_STYLE = """\
:root {{ color-scheme: light dark; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
@media print {{ :root {{ color-scheme: light; {light} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 {font}; }}
main {{ max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 .5rem; }}
h3 {{ font-size: 1rem; margin: 0; }}
p {{ margin: .4rem 0; overflow-wrap: anywhere; }}
.facts, .small, figcaption, caption, footer {{ color: var(--quiet); font-size: .875rem; }}
.words {{ background: var(--words); border: 1px solid var(--edge); border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; }}
.words h2 {{ margin: 0; font-size: 1.05rem; }}
.cards {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; }}
.card {{ border: 1px solid var(--edge); border-radius: .5rem; padding: .75rem; break-inside: avoid; }}
.card .values {{ font-size: 1.35rem; font-weight: 650; margin: .15rem 0; }}
.card .verdict {{ display: inline-block; border: 1px solid var(--ink); border-radius: 1rem; padding: 0 .6rem; font-size: .875rem; }}
figure {{ margin: .5rem 0; break-inside: avoid; }}
figure svg {{ display: block; width: 100%; height: auto; font-family: inherit; }}
.row {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; }}
.row figure svg {{ max-width: 20rem; }}
.wide svg {{ min-width: 36rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; margin: .75rem 0; width: 100%; }}
caption {{ text-align: left; padding-bottom: .25rem; }}
th, td {{ border-bottom: 1px solid var(--rule); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; overflow-wrap: break-word; }}
th.n, td.n {{ text-align: right; font-variant-numeric: tabular-nums; }}
table.fine {{ font-size: .8rem; }}
tbody th {{ font-weight: 500; }}
footer {{ border-top: 1px solid var(--rule); margin-top: 2rem; padding-top: .5rem; }}
@media print {{
  @page {{ margin: 16mm; }}
  html {{ font-size: 10pt; }}
  body {{ font-size: 1rem; }}
  .cards {{ grid-template-columns: repeat(4, 1fr); }}
  .card .values {{ font-size: 1.1rem; }}
  .row {{ grid-template-columns: repeat(3, 1fr); }}
  main {{ max-width: none; padding: 0; }}
  h2, h3, caption {{ break-after: avoid; }}
  tr {{ break-inside: avoid; }}
  .scroll {{ overflow: visible; }}
  .wide svg {{ min-width: 0; }}
  * {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
}}
"""  # noqa: E501 - a rule of the style sheet is one line


def page(paper: Paper) -> str:
    """Return the whole file as text."""
    style = _STYLE.format(light=_colours(ink.LIGHT), dark=_colours(ink.DARK), font=_FONT) + ink.rules(ink.variables())
    facts = " · ".join(map(escape, paper.facts))
    body = "\n".join(_block(block) for block in paper.blocks)
    return f"""\
<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{escape(paper.title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{escape(paper.title)}</h1>
<p class="facts">{facts}</p>
{body}
<footer><p>{escape(paper.foot)}</p></footer>
</main>
</body>
</html>
"""


def _colours(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def _block(block: Block) -> str:  # noqa: PLR0911 - one for each kind
    match block:
        case Heading():
            return f"<h2>{escape(block.text)}</h2>"
        case Paragraph():
            name = ' class="small"' if block.small else ""
            return f"<p{name}>{escape(block.text)}</p>"
        case Words():
            told = "".join(f"<p>{escape(sentence)}</p>" for sentence in block.sentences)
            return f'<section class="words"><h2>{escape(block.title)}</h2>{told}</section>'
        case Cards():
            return f'<div class="cards">{"".join(map(_card, block.cards))}</div>'
        case Figure():
            return _figure(block, wide=True)
        case Row():
            parts = (f"<div><h3>{escape(title)}</h3>{_figure(figure)}</div>" for title, figure in block.figures)
            return f'<div class="row">{"".join(parts)}</div>'
        case Table():
            return "".join(_table(block))


def _card(card: Card) -> str:
    note = f'<p class="small">{escape(card.note)}</p>' if card.note else ""
    values = f'<p class="values">{escape(card.values)}</p>' if card.values else ""
    verdict = f'<p><span class="verdict">{escape(card.verdict)}</span></p>' if card.verdict else ""
    beside = "".join(f'<p class="small">{escape(sentence)}</p>' for sentence in card.beside)
    return f'<section class="card"><h3>{escape(card.title)}</h3>{note}{values}{verdict}{beside}</section>'


def _figure(figure: Figure, *, wide: bool = False) -> str:
    drawn = figure.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.alternative)}" ', 1)
    caption = f"<figcaption>{escape(figure.caption)}</figcaption>" if figure.caption else ""
    if wide:  # on a phone it is moved sideways instead of being made too small to read
        drawn = f'<div class="scroll wide" tabindex="0" role="region" aria-label="Drawing">{drawn}</div>'
    return f"<figure>{drawn}{caption}</figure>"


def _table(table: Table) -> Iterator[str]:
    fine = ' class="fine"' if table.small else ""
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}">'
    yield f"<table{fine}><caption>{escape(table.caption)}</caption><thead><tr>"
    for column, text in enumerate(table.head):
        yield f'<th scope="col"{_numeric(table, column)}>{escape(text)}</th>'
    yield "</tr></thead><tbody>"
    for row in table.rows:
        first, *rest = row
        yield f'<tr><th scope="row"{_numeric(table, 0)}>{escape(first)}</th>'
        for column, text in enumerate(rest, start=1):
            yield f"<td{_numeric(table, column)}>{escape(text)}</td>"
        yield "</tr>"
    yield "</tbody></table></div>"


def _numeric(table: Table, column: int) -> str:
    return ' class="n"' if table.numbers_from <= column < table.words_from else ""
