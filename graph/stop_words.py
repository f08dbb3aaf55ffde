"""The small words of English, and of other languages: the one list of them in the project.

The text rules, the offline stand-in and the check whether a text is English each use their own part
of it. Library lists of stop words and language detectors change verdicts and answers, so that this
list stays as it is.
"""


def _words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


_FREQUENT = _words(
    """
    a about and are as at be been but can do for from have i if in is it more no not of on or so
    than that the there they this to very was what when who with would you
    """
)
"""The small words that are frequent in every text; all users of this list take them."""
_FREQUENT_IN_TALK = _words(
    """
    all am because just me my we
    """
)
"""Small words that are frequent in what people say, and rare in prompts."""
_IN_PROMPTS = _words(
    """
    an any by does had has how its most much out own some their them then these up were where
    which will your
    """
)
"""Small words that are frequent in prompts as well."""
_RARER = _words(
    """
    above after again against also among before being below between both came come comes coming
    could did doing during each even ever few further gave get gets give given gives giving go
    goes going gone got having he her here hers him his into itself let lets like made make
    makes making may might must myself none nor off once ones oneself only our ours over per put
    puts quite rather same shall she should still such take taken takes taking theirs those
    through too took toward towards under until upon well went whether while whom whose why
    within without yet yours yourself
    """
)
"""Further small words."""

STOP_WORDS = _FREQUENT | _FREQUENT_IN_TALK | _IN_PROMPTS | _RARER
"""Words that do not tell what a text is about."""
PROMPT_STOP_WORDS = (
    _FREQUENT
    | _IN_PROMPTS
    | _words(
        """
        answer many one option options other people person place please question say scale
        """
    )
)
"""Words that do not tell what a prompt of a survey is about."""
ENGLISH_WORDS = (
    _FREQUENT
    | _FREQUENT_IN_TALK
    | _words(
        """
        don't i'm it's people think yes
        """
    )
)
"""Words by which a text is told to be English."""
OTHER_LANGUAGES = _words(
    """
    aber au auf ben benim bir bu ce che com como con da dans das dat de della dem den der des di
    die du e een ein eine el elle em en es est et eu für gli het ich ik il ist için ja je jest
    la las le les lo los ma mein meine mes meu mi mia mijn minha mio mis mit moja mon muy na ne
    nicht nie niet non nous não o os para pas per pero por pour que qui se sehr sie się sono uma
    un una und une van ve voor vous wir y yo zijn zu çok è
    """
)
"""Small words of other languages in Latin letters that are not among `ENGLISH_WORDS`."""
