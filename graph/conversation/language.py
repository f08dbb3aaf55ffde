"""Whether a text is English, told by its small words: what the rules of `contradictions` can
read.
"""

import re

ENGLISH = frozenset(
    """
    the i a and to of in is it that my you for was not have with be on are do me as but so at this
    we would they from
    if or about there very what think all people can am don't i'm it's been who just no yes because
    when more than
    """.split()  # noqa: SIM905  # a list of words reads better than a list of strings
)
OTHER = frozenset(
    """
    de la le les un une et est je ne pas que qui dans pour ce mon ma mes il elle nous vous au du des
    el los las y es yo mi mis no por con para una lo muy se en pero como
    der die das und ich ist nicht ein eine mein meine zu mit auf den dem für wir sie es aber sehr
    il di che non è sono mio mia per della gli e o os as do da eu não meu minha com uma em na
    het een van ik niet mijn dat zijn voor ja nie się jest to moja bu ve bir ben benim için çok
    """.split()  # noqa: SIM905
)
FEW = 3


def is_english(text: str) -> bool:
    """Whether most small words of a text are English ones. A text of up to three words in Latin
    letters counts as such.

    Deterministic, and made for sentences of a conversation: what is in doubt is no English, and
    goes to the model.
    """
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower().replace("’", "'"))
    latin = [word for word in words if word.replace("'", "").isascii()]
    if len(latin) * 10 < len(words) * 9:
        return False
    if len(words) <= FEW:
        return True
    ours = sum(word in ENGLISH for word in words)
    theirs = sum(word in OTHER - ENGLISH for word in words)
    return ours > theirs and ours * 8 >= len(words)
