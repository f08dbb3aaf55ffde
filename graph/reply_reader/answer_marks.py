"""Marks of the answer and of the reasons in a reply, in the languages in which models answer."""

import re

ANSWERS = (
    r"answer|antwort|respuesta|réponse|resposta|risposta|antwoord|svar|odpowiedź|odpověď|"
    r"відповідь|ответ|cevap|yanıt|jawaban|trả lời|câu trả lời|đáp án|válasz|răspuns|vastaus|"
    r"απάντηση|"
    r"答案|回答|答え|答复|答|답변|정답|답|"
    r"الإجابة|الجواب|الاجابة|جواب|پاسخ|תשובה|उत्तर|คำตอบ|উত্তর"
)
"""Words for "answer" in the languages in which models answer."""
CHOICES = (
    r"response|choice|selection|"
    r"selected(?: (?:option|answer))?|chosen(?: option)?|"
    r"option(?: (?:number|no\.?|code))?|"
    r"code|decision|prediction|"
    r"选项|選択|opción|opção|вариант"
)
"""Words that may mean the answer, or something else."""
KINDS = (
    r"my|the|final|best|chosen|selected|revised|corrected|updated|new|actual|real|correct|better|"
    r"amended|so|thus|therefore|hence|sure|here is|here's|overall|short|predicted|likely|most|"
    r"simulated|first|second|third|other|alternative|possible"
)
"""Words that may stand before the word for the answer."""
REASONS = (
    r"analysis|analyse|análisis|análise|analisi|analiza|анализ|аналіз|analiz|"
    r"分析|분석|التحليل|تحليل|विश्लेषण|phân tích"
)
"""Words for "analysis"."""
EQUALS = r"[\"']?[ \t]*[:=]"
VALUE = r"[ \t]*(?:\n\s*)?(.*)"

ANALYSIS = re.compile(rf"(?<![^\W\d_])(?:{REASONS}){EQUALS}", re.IGNORECASE)
OTHER_REASONS = re.compile(
    r"(?<![^\W\d_])(?:reasoning|explanation|rationale|justification|"
    r"reasons?|confidence|certainty)[\"']?[ \t]*[:=]",
    re.IGNORECASE,
)
ANSWER = re.compile(rf"(?<![^\W\d_])(?:{ANSWERS}){EQUALS}{VALUE}", re.IGNORECASE)
ANSWER_LINE = re.compile(
    rf"^[^\w\n]*(?:(?:{KINDS})[ ,]+){{0,6}}(?:{ANSWERS}){EQUALS}{VALUE}",
    re.IGNORECASE | re.MULTILINE,
)
CHOICE_LINE = re.compile(
    rf"^[^\w\n]*(?:(?:{KINDS})[ ,]+){{0,6}}(?:{CHOICES}){EQUALS}{VALUE}",
    re.IGNORECASE | re.MULTILINE,
)
ANSWER_IS = re.compile(r"\banswer (?:is|would be)[ \t]*:?[ \t]*(.*)", re.IGNORECASE)
NAMED = re.compile(r"^[^\w\n]*(?P<name>[^\W\d][\w ]{0,30})[\"']?[ \t]*[:=][ \t]*(.*)", re.MULTILINE)
"""A line of the form `name: value`."""
HOW_SURE = re.compile(
    r"confiden\w+|\w*certain\w*|probability|likelihood|strength|sure|steps?|page|part",
    re.IGNORECASE,
)
"""Names under which a number is no option."""
RUN_ON = re.compile(
    r"^[^\w\n]*question[^\w\n]*\n\n?(?:[^\n]*\w[^\n]*\n){1,3}?\n?[^\w\n]*\d+: ",
    re.IGNORECASE | re.MULTILINE,
)
"""Another question with its options, which a model makes up that does not stop."""
PLACEHOLDER = re.compile(r"\W*option number\W*", re.IGNORECASE)


def marked_answers(plain: str, before: str) -> tuple[list[str], str]:
    """Return what follows the marks of an answer, by the surest kind of mark in the reply, and the
    text after the first of them.

    `before` is the text before the reasons.
    """
    places = (
        (ANSWER_LINE, plain),
        (CHOICE_LINE, before),
        (ANSWER, before),
        (ANSWER_IS, before),
        (ANSWER, plain),
    )
    for pattern, part in places:
        found = []
        for mark in pattern.finditer(part):
            needs_number = pattern is CHOICE_LINE and not re.search(r"\d", mark[1])
            if not needs_number and not PLACEHOLDER.fullmatch(mark[1]):
                found.append(mark)
        if found:
            return [_without_reasons(mark[1]) for mark in found], plain[found[0].end() :]
    return [], ""


def own_part(plain: str) -> str:
    """Return the text up to another question that follows the answer to the one asked."""
    first = ANSWER_LINE.search(plain)
    other = RUN_ON.search(plain, first.end()) if first else None
    return plain[: other.start()].rstrip() if other else plain


def _without_reasons(content: str) -> str:
    """Return what follows a mark on its line, up to the reasons."""
    return OTHER_REASONS.split(ANALYSIS.split(content)[0])[0]


def reasons_left_out(plain: str, ends_in_line: bool) -> tuple[str, bool]:
    """Return the complete part of a cut reply, and whether its reasons had begun.

    It ends where they begin; without them, with the last whole line.
    """
    first = ANSWER_LINE.search(plain)
    for reasons in ANALYSIS.finditer(plain):
        if first and reasons.start() >= first.start():
            return plain[: reasons.start()], True
    return (plain if ends_in_line else plain.rpartition("\n")[0]), False
