"""Detect a refusal that a model sends in place of a story."""

import re
from collections.abc import Sequence

from graph.fidelity.check import check_story
from survey.profile import Answer

FEWEST_FACTS = 5
"""Of a shorter profile a story may truly keep nothing that rules can find."""

MOST_KEPT = 0.05
"""A share. Stories of the stand-in keep all facts, those of models most of them, and a refusal
keeps none by chance.
"""

OPENING = 400
"""Characters in which a refusal says that it is one."""

REFUSES = re.compile(
    r"\b(?:i|we)(?:'m| am| are|'re)? (?:really |very |truly |so )?(?:sorry|afraid)\b"
    r"|\bmy apologies\b"
    r"|\bi apologi[sz]e\b"
    r"|\b(?:i|we)(?:"
    r" can(?:not|'t| not)"
    r"| (?:won't|will not|would not|wouldn't|could not|couldn't)"
    r"|(?:'m| am|'re| are) (?:not able|unable|not going|not comfortable|not allowed|not permitted)"
    r"|(?:'d| would) (?:rather not|prefer not)"
    r"| (?:must|have to|need to) (?:decline|refuse)"
    r"| (?:decline|refuse)\b"
    r"|(?: do not|n't| don't) feel comfortable"
    r")"
    r"|\bas an ai\b"
    r"|\bas a (?:large )?language model\b"
    r"|\b(?:against|violates?|violating) (?:my|our|the) \w+ ?(?:polic|guideline|principle)"
    r"|\bunable to (?:assist|help|comply|fulfil|provide|write|create|generate|complete)"
    r"|\b(?:cannot|can't|can not) "
    r"(?:assist|help|comply|fulfil|provide|write|create|generate|complete|do that)"
    r"|\b(?:request|task) (?:is|was) (?:declined|refused|denied)"
    r"|^sorry\b"
    r"|\blo siento\b"
    r"|\bno p(?:uedo|odemos)\b"
    r"|\bd[ée]sol[ée]e?\b"
    r"|\bje ne (?:peux|suis|saurais)\b"
    r"|\btut mir leid\b"
    r"|\b(?:ich kann|kann ich|ich darf|darf ich)\b.{0,40}\bnicht\b"
    r"|\bdesculpe"
    r"|\bnão posso\b"
    r"|\bmi dispiace\b"
    r"|\bnon posso\b"
    r"|\bhelaas\b"
    r"|\bsorry, (?:maar )?\b"
    r"|\bik kan\b.{0,40}\bniet\b"
    r"|\bprzepraszam\b"
    r"|\bnie mogę\b"
    r"|\bmaaf\b"
    r"|tidak (?:bisa|dapat)\b"
    r"|\bjag kan\b.{0,40}\binte\b"
    r"|xin lỗi|không thể"
    r"|извините|простите|не могу"
    r"|üzgünüm|ne yazık|yapamam|maalesef"
    r"|متأسف|آسف|عذر|لا أستطيع|لا يمكنني"
    r"|माफ़? ?की?जि|क्षमा|नहीं कर सकत"
    r"|抱歉|对不起|對不起|无法|無法|不能"
    r"|申し訳|できません"
    r"|죄송|할 수 없",
    re.IGNORECASE | re.MULTILINE,
)
"""How models begin to refuse, in the languages that they are asked in most."""


def refuses_story(story: str, profile: Sequence[Answer]) -> bool:
    """Whether a model refused to tell this profile: it says so at the start, and keeps almost none
    of the facts.

    Neither alone would do: a person may well be told to be sorry, and a poor story may keep little.
    The facts are looked at only after such a start, so that a story costs no time.
    """
    start = story[:OPENING].replace("’", "'")
    if len(profile) < FEWEST_FACTS or not REFUSES.search(start):
        return False
    return check_story(story, profile).share("kept") < MOST_KEPT
