"""The plain text of a reply: without markup, tables and hidden signs, with ASCII digits."""

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
KEYCAPS = "\N{COMBINING ENCLOSING KEYCAP}\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"


def plain_text(said: str) -> str:
    """What was said without markup, on lines that end in one sign, with ASCII digits and colons."""
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
    """A sign as it is read: digits of any script in ASCII, nothing for what shows nothing."""
    if sign.isdigit():
        return str(unicodedata.digit(sign))
    return "" if sign in KEYCAPS or unicodedata.category(sign) == "Cf" else sign


def _sections(text: str) -> str:
    """Tags round answer and analysis as the lines that are asked for; an analysis comes last, on
    one line.
    """
    text = ANSWER_TAG.sub(lambda tag: f"\nAnswer: {tag[2].strip()}\n", text)
    analyses = [" ".join(block[2].split()) for block in ANALYSIS_BLOCK.finditer(text)]
    if not analyses:
        return text
    return "\n".join([ANALYSIS_BLOCK.sub("\n", text), "Analysis: " + "\n".join(analyses)])


def _row(row: re.Match[str]) -> str:
    """A row of two cells as a line: what is told, and what it is."""
    name, told = row[1].strip().strip("*_").rstrip(":"), row[2].strip()
    return f"{name}: {told}" if re.fullmatch(r"[^\W\d_][^\W\d_ ]*(?: [^\W\d_]+)*", name) else row[0]
