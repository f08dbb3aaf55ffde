"""Make the plain text of a reply: no markup, tables or hidden signs, and ASCII digits."""

import re
import unicodedata

ANALYSIS_BLOCK = re.compile(r"<(analysis|explanation)>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
ANSWER_TAG = re.compile(
    r"<(final_?answer|answer|choice)(?:\s[^<>]*)?>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE
)
BREAKING = re.compile(r"<(?:br|/?p|/?div|/?li|/?ul|/?ol|/?h\d)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(
    r"</?(?:b|i|u|em|strong|span|code|option|mark|center|font|pre|blockquote)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
LATEX = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|bf|rm)\{([^{}]*)\}")
BOXED = re.compile(r"\\(?:boxed|fbox)\{([^{}]*)\}")
ROW = re.compile(r"^[ \t]*\|([^|\n]*)\|([^|\n]*)\|?[ \t]*$", re.MULTILINE)
MARKUP = re.compile(r"[*_`#$]+|^[ \t]*>+", re.MULTILINE)
RAISED = re.compile(r"(?<=\d)(?=[²³¹⁰⁴-⁹₀-₉])")
WORDS = re.compile(r"[^\W\d_][^\W\d_ ]*(?: [^\W\d_]+)*")
KEYCAPS = "\N{COMBINING ENCLOSING KEYCAP}\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"


def plain_text(said: str) -> str:
    r"""Return a text without markup, with "\n" for all line ends, and ASCII digits and colons."""
    shown = RAISED.sub("^", said.replace("\r\n", "\n").replace("\r", "\n"))
    shown = unicodedata.normalize("NFKC", shown)
    shown = re.sub("\N{MINUS SIGN}\\s*", "-", shown)
    if not shown.isascii():
        shown = "".join(map(_visible, shown))
    if "\n" not in shown:
        shown = re.sub(r"\\r?\\n|\\n", "\n", shown)  # line ends that somebody wrote out
    if "\\" in shown:
        shown = BOXED.sub(r"\1", LATEX.sub(r"\1", shown))
    if "<" in shown:
        shown = TAG.sub("", BREAKING.sub("\n", _sections(shown)))
    if "|" in shown:
        shown = ROW.sub(_row, shown)
    return MARKUP.sub("", shown).strip()


def _visible(sign: str) -> str:
    """Return a character as it is read: ASCII for digits of any script, "" for hidden ones."""
    if sign.isdigit():
        return str(unicodedata.digit(sign))
    return "" if sign in KEYCAPS or unicodedata.category(sign) == "Cf" else sign


def _sections(text: str) -> str:
    """Return the text with lines in place of XML tags of answer and analysis.

    The analysis comes last, on one line.
    """
    text = ANSWER_TAG.sub(lambda tag: f"\nAnswer: {tag[2].strip()}\n", text)
    analyses = [" ".join(block[2].split()) for block in ANALYSIS_BLOCK.finditer(text)]
    if not analyses:
        return text
    return "\n".join([ANALYSIS_BLOCK.sub("\n", text), "Analysis: " + "\n".join(analyses)])


def _row(row: re.Match[str]) -> str:
    """Return a table row of a name and a value as a line `name: value`; any other row as it is."""
    name, value = row[1].strip().strip("*_").rstrip(":"), row[2].strip()
    return f"{name}: {value}" if WORDS.fullmatch(name) else row[0]
