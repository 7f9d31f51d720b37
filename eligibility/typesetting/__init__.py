"""From what a paper says to the paper: content in, PDF out, nothing else read — no clock, no network, no font of the machine.

The same content gives the same bytes under the same `RENDERER`. What people typed reaches the page as text, never as markup.
"""

import json
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import segno
import typst

HERE = Path(__file__).parent
DESIGN = 2
"""Counted up with any change of the templates."""
RENDERER = f"typst {version('typst')}, segno {version('segno')}, design {DESIGN}"
STANDARDS = ["ua-1", "a-2a"]
"""Read aloud by a screen reader (PDF/UA) and kept for decades (PDF/A), in Unicode and with its structure."""
PLAIN = ["1.7"]
FONTS = ("fontpkg_ibm_plex_sans", "fontpkg_ibm_plex_sans_arabic")


UNREADABLE = ("could not be displayed", "disallowed codepoint")
"""What both standards refuse in a text: a letter the fonts lack, and a sign that is no letter."""


def render(content: dict) -> bytes:
    """The paper of a notice's content; dated by it.

    Both standards refuse a page with a letter the fonts lack (a name in Tifinagh or in Chinese) or a control sign: an empty box then
    stands for it, and the paper, still tagged, is a plain PDF.
    """
    try:
        return _set(content, STANDARDS)
    except typst.TypstError as refusal:
        if not any(words in str(refusal) for words in UNREADABLE):
            raise
        return _set(content, PLAIN)


def _set(content: dict, standards: list[str]) -> bytes:
    issued = content["issued"]
    if "papers" in content:
        content = content | {"papers": [one | {"code": _code(one["url"])} for one in content["papers"]]}
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return _compiler().compile(
        input=HERE / f"{content['told']['kind']}.typ",
        format="pdf",
        sys_inputs={"content": written, "code": _code(issued.get("url", ""))},
        pdf_standards=standards,
        timestamp=datetime.fromisoformat(issued["day"]).replace(tzinfo=UTC),
    )


def blank() -> bytes:
    """An empty page under the same standards: what a paper costs when it says nothing."""
    return _compiler().compile(input=b'#set document(title: "-")\n#set text(lang: "fr")\n', format="pdf", pdf_standards=STANDARDS)


def _code(url: str) -> str:
    """The QR of the address, as a drawing."""
    return segno.make(url, error="m", micro=False).svg_inline(border=0, omitsize=True)


@cache
def _compiler() -> typst.Compiler:
    """Fonts are read once a process."""
    folders = [str(Path(next(iter(find_spec(name).submodule_search_locations))) / "files") for name in FONTS]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    return typst.Compiler(root=HERE, font_paths=fonts)
