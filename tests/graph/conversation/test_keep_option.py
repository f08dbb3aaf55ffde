"""The option that was decided stands in the reply, and no other one does."""

import pytest

from graph.conversation.keep_option import find_named_options, keep_option
from tests.graph.fakes import IMPORTANCE, option

YES_NO = [option(1, "Yes"), option(2, "No")]
SCALE = [option(code, str(code)) for code in range(1, 11)]
CHINESE = [option(1, "同意"), option(2, "不同意"), option(3, "不知道")]
ARABIC = [option(1, "نعم"), option(2, "لا")]


@pytest.mark.parametrize(
    ("text", "code", "options", "reply"),
    [
        ("Very important, family is all I have.", 1, IMPORTANCE, "Very important, family is all I have."),
        ("It is VERY important to me.", 1, IMPORTANCE, "It is VERY important to me."),
        ("It is not very important to me.", 1, IMPORTANCE, "Very important."),
        ("Not very important, I'd say.", 3, IMPORTANCE, "Not very important, I'd say."),
        ("It matters.", 2, IMPORTANCE, "Rather important. It matters."),
        ("", 2, IMPORTANCE, "Rather important."),
        ("Yes, no doubt. I drink it daily.", 1, YES_NO, "Yes. I drink it daily."),
        ("No!", 2, YES_NO, "No!"),
        ("I'd say 7 out of 10.", 7, SCALE, "I'd say 7 out of 10."),
        ("On a scale from 1 to 10 a 7.", 7, SCALE, "On a scale from 1 to 10 a 7."),
        ("A 5. I am 47.", 7, SCALE, "7. I am 47."),
        ("我不同意。我喜欢茶。", 2, CHINESE, "我不同意。我喜欢茶。"),
        ("我不同意。我喜欢茶。", 1, CHINESE, "同意. 我喜欢茶。"),
        ("نعم، أحب الشاي.", 1, ARABIC, "نعم، أحب الشاي."),
        ("أحب الشاي.", 2, ARABIC, "لا. أحب الشاي."),
        ("Tea.", 1, [option(1, "yes, of course."), option(2, "never")], "Yes, of course. Tea."),
    ],
)
def test_the_reply_keeps_the_option(text: str, code: int, options: list[dict[str, object]], reply: str) -> None:
    said = keep_option(text, code, options)  # type: ignore[arg-type]

    assert said == reply
    assert find_named_options(said, options) == {code}  # type: ignore[arg-type]
