"""Reads pasted answers: one a line, the question, a colon and the answer."""

MARK = ": "


def parse_pasted_answers(text: str) -> dict[str, str]:
    """Read the answers by question; the last colon of a line divides question and answer.

    Empty lines are skipped. Raises ValueError, one line, for a line of another form, for a question
    that stands twice, and where there is no line.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        question, mark, answer = (part.strip() for part in f"{line.strip()} ".rpartition(MARK))
        if not (mark and question and answer):
            raise ValueError(
                f"line {number}: write the question, a colon and the answer, such as “Age: 47”"
            )
        if question in found:
            raise ValueError(f"line {number}: an earlier line answers the same question")
        found[question] = answer
    if not found:
        raise ValueError("no answers: write one a line, the question, a colon and the answer")
    return found
