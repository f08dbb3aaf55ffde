"""What a person reads: labels in the direction of the survey, and every answer told in one clean sentence."""

import pytest

from survey.codebook import Codebook, wvs7
from survey.item import Item

DIRECTIONS = """
Q1    1 Very important         4 Not at all important
Q7    1 Chosen                 2 Not chosen
Q18   1 Named                  2 Not named
Q27   1 Agree strongly         4 Disagree strongly
Q33   1 Agree strongly         5 Disagree strongly
Q42   1 Radical change         3 Defence of society
Q43   1 Good thing             3 Bad thing
Q46   1 Very happy             4 Not at all happy
Q47   1 Very good              5 Very poor
Q48   1 No choice              10 A great deal of choice
Q49   1 Completely dis         10 Completely satisfied
Q51   1 Often                  4 Never
Q57   1 Most people can        2 Great care
Q58   1 Trust completely       4 Do not trust at all
Q64   1 A great deal           4 None at all
Q90   1 Being effective        10 Being democratic
Q94   0 Not a member           2 Active member
Q106  1 More equal             10 Larger income differences
Q107  1 More private           10 More state
Q108  1 More responsibility for the government  10 More responsibility for individuals
Q109  1 Competition does good  10 Competition does harm
Q110  1 Hard work              10 Luck
Q112  1 No corruption          10 Corruption everywhere
Q113  1 None of them           4 All of them
Q120  1 No risk                10 Very high risk
Q121  1 Very bad               5 Very good
Q122  0 Disagree               2 Agree
Q130  1 Let anyone come        4 Prohibit
Q131  1 Very secure            4 Not at all secure
Q132  1 Very frequent          4 Not at all frequent
Q142  1 Very much              4 Not at all
Q149  1 Freedom                2 Equality
Q150  1 Freedom                2 Security
Q158  1 Completely disagree    10 Completely agree
Q163  1 A lot worse            10 A lot better
Q164  1 Not at all important   10 Very important
Q165  1 Yes                    2 No
Q171  1 More than once a week  7 Never
Q173  1 A religious person     3 An atheist
Q176  1 Completely agree       10 Completely disagree
Q177  1 Never justifiable      10 Always justifiable
Q196  1 Definitely should have 4 Definitely should not
Q201  1 Daily                  5 Never
Q209  1 Have done              3 Would never do
Q221  1 Always                 3 Never
Q224  1 Very often             4 Not at all often
Q235  1 Very good              4 Very bad
Q240  1 Left                   10 Right
Q241  0 Against democracy      10 Definitely essential
Q251  1 Not at all democratic  10 Completely democratic
Q253  1 A great deal           4 No respect
Q255  1 Very close             4 Not close at all
Q260  1 Male                   2 Female
Q263  1 Born                   2 Immigrant
Q264  1 Not an immigrant       2 Immigrant
Q273  1 Married                6 Single
Q275  0 None                   8 Doctoral
Q279  1 Full time              8 Other
Q281  0 Never had a job        11 Other
Q286  1 Saved                  4 Spent savings and borrowed
Q287  1 Upper class            5 Lower class
Q288  1 Lowest                 10 Highest
Q289  0 No religious           5 Muslim
"""


@pytest.fixture(scope="module")
def book() -> Codebook:
    return wvs7()


@pytest.mark.parametrize("line", DIRECTIONS.strip().splitlines())
def test_scales_run_in_the_direction_of_the_survey(line: str, book: Codebook) -> None:
    item, low, *words = line.split()
    [middle] = [place for place, word in enumerate(words) if word.isdecimal()]

    assert book.items[item].by_code[int(low)].label.startswith(" ".join(words[:middle]))
    assert book.items[item].by_code[int(words[middle])].label.startswith(" ".join(words[middle + 1 :]))


def told(item: Item) -> list[str]:
    return [item.tell(code) for code in [option.code for option in item.options] or [0, 1, 47, 1970]]


def test_every_answer_is_told_in_one_clean_sentence(book: Codebook) -> None:
    for item in book.items.values():
        sentences = told(item)
        assert len(set(sentences)) == len(sentences), f"{item.id}: two answers are told alike"
        for sentence in sentences:
            assert sentence.endswith(".") and sentence[0].isupper(), sentence
            assert not set(sentence) & set("{}\n\t") and "  " not in sentence and " ." not in sentence, sentence
            assert "you" in sentence.lower(), sentence


def test_no_two_items_are_told_alike(book: Codebook) -> None:
    everything = [sentence for item in book.items.values() for sentence in told(item)]

    assert len(set(everything)) == len(everything)


def test_labels_and_questions_can_be_told_apart(book: Codebook) -> None:
    for item in book.items.values():
        labels = [option.label.casefold() for option in item.options]
        assert len(set(labels)) == len(labels), item.id
        assert all(label == label.strip() != "" and not label.startswith("-") for label in labels), item.id
        assert item.question.endswith((".", "?")) and item.question.strip() == item.question
    assert len({item.question for item in book.items.values()}) == 290


@pytest.mark.parametrize(("item", "code"), [("Q1", 5), ("Q1", -1), ("Q262", -2), ("Q266", 1)])
def test_a_code_that_is_no_answer_is_not_told(item: str, code: int, book: Codebook) -> None:
    with pytest.raises(KeyError, match=f"{item} has no option {code}"):
        book.items[item].tell(code)


@pytest.mark.parametrize(
    ("item", "code", "sentence"),
    [
        ("Q1", 1, "You consider family very important in your life."),
        ("Q56", 3, "You consider your standard of living about the same as that of your parents when they were "),
        ("Q121", 5, "You judge the effect of immigrants on the development of your country to be very good."),
        ("Q240", 7, "On a scale from 1 (left) to 10 (right), you place your own political views at 7."),
        ("Q262", 47, "Your age in years is 47."),
        ("Q268", 792, "Your father's country of birth is Turkey."),
    ],
)
def test_a_few_answers_in_full(item: str, code: int, sentence: str, book: Codebook) -> None:
    assert book.items[item].tell(code).startswith(sentence)
