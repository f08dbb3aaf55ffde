"""What the check makes of sentences: by the words of the codebook, and by a profile's own."""

import time
from collections.abc import Mapping, Sequence

import pytest

from graph.fidelity.check import Fidelity, check_story
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.profile import Answer, Option, profile_of

BOOK = wvs7()
EUROPE = (276, 250, 724)


def profile(**codes: int) -> list[Answer]:
    return profile_of(BOOK, codes, codes)


def verdicts(story: str, **codes: int) -> dict[str, tuple[str, int | None]]:
    return {fact.item: (fact.verdict, fact.stated) for fact in check_story(story, profile(**codes)).facts}


def everything(shift: int) -> dict[str, int]:
    """An answer to every item that can be shown: option number `shift` of each, or a number of its own."""
    items = (item for item in BOOK.items.values() if item.shown)
    return {
        item.id: (
            EUROPE[shift % 3]
            if len(item.options) > 60
            else item.options[shift % len(item.options)].code
            if item.options
            else {"Q261": 1960, "Q262": 44, "Q270": 3, "Q274": 2}[item.id] + shift
        )
        for item in items
    }


def told(codes: Mapping[str, int]) -> str:
    """What a profile says, sentence by sentence, in paragraphs of eight."""
    lines = [BOOK.items[item].tell(code) for item, code in codes.items()]
    return "\n\n".join(" ".join(lines[start : start + 8]) for start in range(0, len(lines), 8))


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_every_fact_told_in_its_own_words_is_kept_and_nothing_is_invented(shift: int) -> None:
    codes = everything(shift)

    found = check_story(told(codes), profile(**codes))

    assert [(fact.item, fact.verdict, fact.stated) for fact in found.facts if fact.verdict != "kept"] == []
    assert found.invented == ()
    assert all(fact.evidence == BOOK.items[fact.item].tell(fact.code) for fact in found.facts)


@pytest.mark.parametrize("shift", [0, 1])
def test_facts_told_with_another_option_are_altered_and_say_which(shift: int) -> None:
    codes, others = everything(shift), everything(shift + 1)

    found = check_story(told(others), profile(**codes))

    different = [fact for fact in found.facts if codes[fact.item] != others[fact.item]]
    assert {fact.verdict for fact in different} == {"altered", "unsure"}
    assert [fact.item for fact in different if fact.stated != others[fact.item]] == []
    assert sum(fact.verdict == "altered" for fact in different) > 0.85 * len(different)


def test_facts_that_are_not_told_are_missing_whatever_else_is() -> None:
    codes = everything(0)
    half = dict(list(codes.items())[::2])

    found = check_story(told(half), profile(**codes))

    assert {fact.item for fact in found.facts if fact.verdict == "kept"} == half.keys()
    assert {fact.verdict for fact in found.facts if fact.item not in half} == {"missing"}


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ("Family means everything to you.", 1),
        ("Your family is extremely important in your life.", 1),
        ("Family is fairly important to you.", 2),
        ("Family is somewhat important to you.", 2),
        ("Your family does not matter much to you.", 3),
        ("Family is of little importance to you.", 3),
        ("Family isn't very important to you.", 3),
        ("Family is not important to you at all.", 4),
        ("My family is not very important in my life.", 3),
        ("She considers family rather important in her life.", 2),
        ("Politics is not important at all, but family is very important to you.", 1),
        ("Family, friends and leisure are all very important in your life.", 1),
        ("Very important in your life are friends, leisure and family.", 1),
        ("Work matters a great deal; family, though, is not very important.", 3),
        ("What matters to you? Family is very important.", 1),
    ],
)
def test_how_much_something_matters(story: str, code: int) -> None:
    assert verdicts(story, Q1=code) == {"Q1": ("kept", code)}
    assert verdicts(story, Q1=5 - code)["Q1"] in (("altered", code), ("unsure", code))


@pytest.mark.parametrize(
    ("story", "item", "code"),
    [
        ("You rate your satisfaction with your life as a whole at 7 on a scale from 1 to 10.", "Q49", 7),
        ("You give your life as a whole an eight out of ten for satisfaction.", "Q49", 8),
        ("Your satisfaction with your life is a 6/10.", "Q49", 6),
        ("You are completely satisfied with your life as a whole.", "Q49", 10),
        ("Abortion is never justifiable to you.", "Q184", 1),
        ("On the scale from 1 (never justifiable) to 10 (always justifiable), abortion gets a three.", "Q184", 3),
        ("You were born in nineteen eighty-six.", "Q261", 1986),
        ("You came into the world in 1986.", "Q261", 1986),
        ("You are a forty-two-year-old nurse.", "Q262", 42),
        ("At 58, you have seen a lot.", "Q262", 58),
        ("Five people live under your roof.", "Q270", 5),
        ("You live alone.", "Q270", 1),
        ("You have no children.", "Q274", 0),
        ("You are the mother of three.", "Q274", 3),
        ("You pray every day.", "Q172", 2),
        ("You never, or practically never, pray.", "Q172", 8),
        ("You go to religious services once a week.", "Q171", 2),
        ("You read a newspaper once a month to learn what is going on.", "Q201", 3),
        ("You have signed a petition.", "Q209", 1),
        ("You might sign a petition.", "Q209", 2),
        ("Signing a petition is something you would never do.", "Q209", 3),
        ("You belong to no political party.", "Q98", 0),
        ("You are a member of a political party, though not active.", "Q98", 1),
        ("You are German by birth.", "Q266", 276),
        ("You are a widow.", "Q273", 5),
        ("You hold a doctorate.", "Q275", 8),
        ("You never went to school.", "Q275", 0),
        ("You are out of work.", "Q279", 7),
        ("You put freedom above equality.", "Q149", 1),
        ("If you had to choose, you would take equality over freedom.", "Q149", 2),
        ("You do not believe in hell.", "Q167", 2),
        ("Hell, you are sure, does not exist.", "Q167", 2),
        ("One cannot be too careful with people, you feel.", "Q57", 2),
        ("You would not want drug addicts as neighbours.", "Q18", 1),
        ("You did not name drug addicts among the groups you would not want as neighbours.", "Q18", 2),
        ("Your family always had enough to eat over the past year.", "Q51", 4),
        ("Whether immigration makes crime rise is hard for you to say.", "Q124", 1),
        ("Immigration to your country makes crime rise, you agree.", "Q124", 2),
        ("For your safety you no longer go out at night.", "Q140", 1),
        ("You have not avoided going out at night in order to be safer.", "Q140", 2),
    ],
)
def test_a_value_however_it_is_put(story: str, item: str, code: int) -> None:
    other = next((one.code for one in BOOK.items[item].options if one.code != code), code + 1)

    assert verdicts(story, **{item: code}) == {item: ("kept", code)}
    assert verdicts(story, **{item: other})[item] in (("altered", code), ("unsure", code))


def test_several_facts_in_one_sentence_each_get_their_own_value() -> None:
    story = (
        "You have a great deal of confidence in the armed forces and quite a lot in the police, but not very much in "
        "the press. Theft gets a 1, abortion a 4 and divorce an 8. You trust your family completely, strangers not at "
        "all."
    )
    codes = {"Q65": 1, "Q69": 2, "Q66": 3, "Q179": 1, "Q184": 4, "Q185": 8, "Q58": 1, "Q61": 4}

    assert verdicts(story, **codes) == {item: ("kept", code) for item, code in codes.items()}


def test_a_list_under_a_heading_takes_its_value_from_there() -> None:
    story = "Very important in your life:\n- family\n- work\n\nNot at all important:\n- politics"

    assert verdicts(story, Q1=1, Q5=1, Q4=4) == {"Q1": ("kept", 1), "Q5": ("kept", 1), "Q4": ("kept", 4)}


def test_whose_education_is_told() -> None:
    story = "You finished upper secondary education, your mother has primary education and your father a doctorate."

    assert verdicts(story, Q275=3, Q277=1, Q278=8) == {
        "Q275": ("kept", 3),
        "Q277": ("kept", 1),
        "Q278": ("kept", 8),
    }
    assert verdicts("Your mother holds a doctorate.", Q275=8, Q277=8)["Q275"] == ("missing", None)


def test_what_is_near_is_not_taken_for_what_is_asked() -> None:
    story = "You have a great deal of confidence in the police. You talk about politics frequently with friends."

    found = verdicts(story, Q134=1, Q4=1, Q2=1, Q69=1, Q200=1)

    assert found == {
        "Q134": ("missing", None),
        "Q4": ("missing", None),
        "Q2": ("missing", None),
        "Q69": ("kept", 1),
        "Q200": ("kept", 1),
    }


def test_a_topic_without_a_value_is_missing_and_shows_its_sentence() -> None:
    [fact] = check_story("You have thought about abortion. You are well.", profile(Q184=3)).facts

    assert (fact.verdict, fact.evidence, fact.stated) == ("missing", "You have thought about abortion.", None)


def own(question: str, labels: Sequence[str], code: int, **more: str) -> Answer:
    options = [Option(code=number, label=label) for number, label in enumerate(labels, 1)]
    return Answer(question=question, options=options, code=code, **more)  # type: ignore[typeddict-item]


FREE = [
    own("How often do you drink coffee?", ["Every day", "A few times a week", "Less than once a week", "Never"], 1),
    own("How important is music in your life?", ["Very important", "Rather important", "Not very important"], 2),
    own("Do you own a car?", ["Yes", "No"], 2),
    own("How many languages do you speak?", [], 3),
    own("What is your favourite season?", ["Spring", "Summer", "Autumn", "Winter"], 3, item="season"),
    own("How much trust do you place in doctors?", ["A great deal", "Quite a lot", "Not very much", "None at all"], 1),
]


def test_a_profile_without_a_codebook_is_read_by_its_own_words() -> None:
    story = (
        "You drink coffee every day. Music is rather important to you. You own a car. You speak four languages. "
        "Autumn is your favourite season."
    )

    found = check_story(story, FREE).facts

    assert [fact.verdict for fact in found] == ["kept", "kept", "unsure", "altered", "kept", "missing"]
    assert [fact.item for fact in found[-2:]] == ["season", "How much trust do you place in doctors?"]


def test_an_id_of_the_codebook_with_another_question_is_not_the_codebooks() -> None:
    other = own("Do you own a boat?", ["Yes", "No"], 1, item="Q1")

    assert check_story("You own a boat.", [other]).facts[0].verdict == "kept"


LITTLE = {"Q1": 1, "Q2": 2, "Q261": 1960, "Q240": 4}


@pytest.mark.parametrize(
    ("story", "words", "item"),
    [
        ("You own two dogs and a parrot.", "dogs", ""),
        ("Your sister lives in Toronto.", "Toronto", ""),
        ("You won a prize in 1997.", "1997", ""),
        ("You pray several times a day.", "", "Q172"),
        ("You have a great deal of confidence in the police.", "", "Q69"),
        ("Family is very important to you, and your cousin Pedro sells carpets.", "Pedro", ""),
    ],
)
def test_what_no_fact_says_is_invented(story: str, words: str, item: str) -> None:
    [found] = check_story(story, profile(**LITTLE)).invented

    assert (found.evidence, found.item) == (story, item)
    assert not words or words in found.words


@pytest.mark.parametrize(
    ("story", "item"),
    [
        ("You have three children.", "Q274"),
        ("You were born in 1960 in Ankara.", ""),
        ("You hold stern views on the manners of guests.", ""),
        ("As the years passed, you grew into somebody whom neighbours consulted.", ""),
    ],
)
def test_what_only_may_be_invented_is_counted_apart(story: str, item: str) -> None:
    found = check_story(story, profile(**LITTLE))

    assert found.invented == ()
    assert [(one.evidence, one.item) for one in found.possible] == [(story, item)]


@pytest.mark.parametrize(
    "story",
    [
        "These convictions run through everything you do.",
        "Family is very important to you, and this shapes your outlook.",
        "When it comes to values, you hold clear views.",
        "On a scale from 1 to 10, you place your own political views at 4.",
        "You were born in 1960.",
        "Family means little to you.",  # altered, which is something else
    ],
)
def test_what_joins_facts_or_alters_one_is_not_invented(story: str) -> None:
    found = check_story(story, profile(**LITTLE))

    assert (found.invented, found.possible) == ((), ())


def test_what_is_counted_of_a_whole_story() -> None:
    story = "You like tea. You live by the sea. You like tea. You live by the sea now"

    found = check_story(story, profile(Q1=1))

    assert (found.words, found.cut_off) == (17, True)
    assert found.duplication == 0.25  # "now" makes the last one of six words another sentence
    assert found.share("missing") == 1


@pytest.mark.parametrize(
    ("story", "cut"),
    [("You end here.", False), ("You end here.”", False), ("*You end here!*", False), ("You end", True), ("", True)],
)
def test_where_a_story_is_cut_off(story: str, cut: bool) -> None:
    assert check_story(story, profile(Q1=1)).cut_off == cut


def test_nothing_told_and_nothing_known() -> None:
    empty = check_story("", [])

    assert empty == Fidelity((), (), 0, 0.0, True)
    with pytest.raises(ValueError, match="no facts"):
        empty.share("kept")
    assert verdicts("", Q1=1) == {"Q1": ("missing", None)}


def test_a_whole_profile_against_a_long_story_takes_less_than_a_second() -> None:
    known = item_folds(list(BOOK.items))[0].known
    facts = profile_of(BOOK, everything(1), known)
    story = told({answer["item"]: answer["code"] for answer in facts}).replace("You ", "Somebody like you ")[:20_000]
    check_story("You are well.", facts)  # reads the codebook

    started = time.process_time()
    check_story(story, facts)

    assert len(facts) > 225 and len(story) > 19_000
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("story", "codes"),
    [
        ("You trust people of your village and their doctors quite a lot, but not the police.", {"Q69": 3}),
        ("Most of the local authorities are corrupt, though few of the state authorities are.", {"Q113": 2}),
        ("You have a great deal of confidence in the government, but not in parliament.", {"Q73": 3}),
        ("Your household is in the fourth lowest income group.", {"Q288": 4}),
        ("God is extremely important to you, which is level 8 on the scale.", {"Q164": 8}),
        ("At its core religion is for keeping norms and ceremonies, rather than for doing good.", {"Q174": 1}),
        ("Religion means to follow norms and ceremonies instead of doing good to others.", {"Q174": 1}),
        ("Fighting rising prices comes first for you, and order in the nation second.", {"Q154": 3, "Q155": 1}),
        ("State aid for unemployment is definitely essential to democracy.", {"Q279": 1, "Q244": 10}),
        ("You would not want heavy drinkers next door, while people with AIDS do not trouble you.", {"Q20": 2}),
        ("You are married to somebody who has never had a job.", {"Q281": 4}),
        ("You strongly disagree with the notion that a housewife is less fulfilled than a worker.", {"Q40": 2}),
        ("You are not religious, but your mother has completed primary education.", {"Q275": 4}),
        (
            "You do not learn news from e-mail, your mobile phone, or the internet, but weekly from a paper.",
            {"Q204": 5},
        ),
        ("You do not use e-mail, your mobile phone, or the internet, preferring to read a paper weekly.", {"Q206": 5}),
        ("You believe in hell and do not believe in life after death.", {"Q167": 1}),
        ("You are worried very much about war and a good deal about a civil war.", {"Q148": 2}),
        ("Never justifiable, level 1:\n- homosexuality", {"Q182": 1}),
    ],
)
def test_rightly_told_facts_in_crowded_sentences_are_never_called_altered(story: str, codes: dict[str, int]) -> None:
    assert "altered" not in {verdict for verdict, _ in verdicts(story, **codes).values()}


@pytest.mark.parametrize(
    ("story", "codes", "item", "stated"),
    [
        ("Religion is very important in your life, and you are well.", {"Q6": 3}, "Q6", 1),
        ("You have a great deal of confidence in the courts, banks and the police.", {"Q70": 2}, "Q70", 1),
        ("You do not have very much confidence in television or the press.", {"Q67": 1}, "Q67", 3),
        ("You feel very close to your village, town or city.", {"Q255": 3}, "Q255", 1),
    ],
)
def test_a_clause_with_one_value_in_the_words_of_its_option_alters(
    story: str, codes: dict[str, int], item: str, stated: int
) -> None:
    assert verdicts(story, **codes)[item] == ("altered", stated)


def test_one_clause_that_says_a_fact_rightly_keeps_it() -> None:
    wrong = "Family is not very important in your life."

    assert verdicts(wrong, Q1=1) == {"Q1": ("altered", 3)}
    assert verdicts(f"{wrong} Family is very important in your life.", Q1=1) == {"Q1": ("kept", 1)}


def test_a_story_that_tells_two_other_options_leaves_it_open_which() -> None:
    story = "Family is not very important in your life. Family is not at all important in your life."

    assert verdicts(story, Q1=1)["Q1"][0] == "unsure"


@pytest.mark.parametrize(
    "heading",
    [
        "# Religion in Toronto",
        "### **Your Parrot and Sister in Toronto**",
        "**Civic Engagement and Parrots**",
        "**Reflections on Toronto:**",
        "Reflections on Toronto and Spirituality",
        "1. **Parrots and Toronto**",
    ],
)
def test_headings_state_nothing(heading: str) -> None:
    story = f"{heading}\n\nFamily is very important in your life."

    found = check_story(story, profile(**LITTLE))

    assert (found.invented, found.possible) == ((), ())
    assert found.facts[0].verdict == "kept"


def test_what_is_emphasised_or_listed_still_states_something() -> None:
    assert verdicts("**Family is very important in your life.**", Q1=1)["Q1"] == ("kept", 1)
    assert verdicts("**Not at all important:**\n- **politics**\n- **leisure time**", Q4=4)["Q4"] == ("kept", 4)
    assert verdicts("Notes\nMarried\nFamily: very important", Q1=1)["Q1"] == ("kept", 1)


def test_a_repeated_sentence_counts_once() -> None:
    once = "Your sister lives in Toronto. You were born in 1960 in Ankara."
    looped = " ".join([once] * 30)

    found, again = check_story(once, profile(**LITTLE)), check_story(looped, profile(**LITTLE))

    assert (again.invented, again.possible) == (found.invented, found.possible)
    assert len(again.invented) == len(again.possible) == 1 and again.duplication > 0.9
