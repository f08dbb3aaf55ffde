"""Turning "you" into "I" and back, telling English from other languages, and what a reply contradicts."""

import pytest

from graph.conversation.contradictions import find_contradicted
from graph.conversation.language import is_english
from graph.persona.sample import sample_respondents
from survey.codebook import wvs7
from survey.profile import profile_of
from survey.pronouns import to_first, to_second
from tests.graph.fakes import PROFILE

FIRST = sample_respondents()
PERSON = profile_of(wvs7(), FIRST.answers(1), FIRST.items)
"""The first of the sample: 22, single, an atheist from Australia who trusts the police and no party."""

IN_LINE = """
Family comes first for me, always has.
I don't go to church, I'm an atheist.
Well, I trust the police a great deal, honestly.
I'm 22, so I have no children yet.
Politics isn't very important to me, but I do talk about it with friends now and then.
I never pray. That's just not me.
I was born in Australia and I've lived here all my life.
I live with my parents.
I'm happy these days, very happy actually.
Most people can be trusted, I think.
I don't believe in God.
I worry a lot about war and terrorism.
I'd never join a strike.
The death penalty? Always justifiable in my book.
Some people say you should always put work first. I disagree with that.
My friends think God exists, but I never saw why I should.
I used to go to church with my grandmother as a child.
What about you, do you trust the government?
Hello! Nice to talk to you. What would you like to know?
I like quiet evenings, good food and a long walk.
Trust is a big word. I trust my family completely, strangers not so much.
I'd fight for my country if it came to that.
It's been a hard year for money; we had to borrow.
I have a degree, and I work for myself.
Church was never my thing, and prayer even less.
The press? No confidence in it, none at all.
My mum and dad are both from here.
I'd say I'm rather on the left.
I do vote in national elections, usually.
You can count on my family. On parties you can't.
I get my news online, mostly from social media.
Hell and heaven are just stories to me.
I'd sign a petition perhaps, but I won't go on strike.
Immigrants fill jobs that would stay empty, I agree with that.
Are you religious yourself? I'm not.
""".strip().splitlines()
AGAINST = """
I go to church every Sunday and religion is very important to me.
Family is not important to me at all.
I don't trust the police at all.
I'm 45 and I have three children.
I believe in God with all my heart.
I pray several times a day.
I was born in Germany.
I'm married.
I'm retired.
I'm not at all happy.
I have no confidence in universities.
I don't worry about war at all.
My health is poor.
Work isn't important in my life.
I have a great deal of confidence in political parties.
Abortion can never be justified.
I believe in life after death.
I'm a woman.
I'm a Muslim.
I vote in every local election.
I'm an active member of a labour union.
I don't trust my neighbours.
I'd never fight for my country.
I read a newspaper every day.
I never finished primary school.
I'm an upper class person.
Friends don't matter to me, they're not important at all.
I have no confidence in the courts.
I trust people of another religion not at all.
My mother was born in Italy.
I've got two kids.
Divorce is never justifiable.
I feel very unsafe at the moment.
I'm very interested in politics.
I'm a widow.
""".strip().splitlines()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I trust you.", "You trust them."),
        ("I'm 47, and my brother likes me.", "You are 47, and your brother likes you."),
        ("Was I happy? I was, myself.", "Were you happy? You were, yourself."),
        ("Do you drink your tea?", "Do they drink their tea?"),
        ("It's mine. I’ve said so!", "It's yours. You have said so!"),
        ("Amy met me in Miami.", "Amy met you in Miami."),
        ("", ""),
    ],
)
def test_what_a_person_says_is_told_to_the_person(said: str, told: str) -> None:
    assert to_second(said) == told


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("You are 47. Your home is dear to you.", "I am 47. My home is dear to me."),
        ("What matters most to you is that you're free.", "What matters most to me is that I'm free."),
        ("Once you yourself were poor, and you knew it.", "Once I myself was poor, and I knew it."),
    ],
)
def test_what_is_told_to_a_person_is_said_by_the_person(told: str, said: str) -> None:
    assert to_first(told) == said


def test_every_statement_of_the_codebook_survives_the_way_there_and_back() -> None:
    items = [item for item in wvs7().items.values() if item.shown]
    told = [item.tell(option.code) for item in items for option in item.options[:40]]

    assert len(told) > 1000
    assert [to_second(to_first(statement)) for statement in told] == told
    assert not [said for said in map(to_first, told) if " you " in said.lower() or "your" in said.lower().split()]


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("I have no opinion on that.", True),
        ("Family comes first for me, always has.", True),
        ("Disagree.", True),
        ("Yes! Of course.", True),
        ("", True),
        ("Ich bin dreißig Jahre alt.", False),
        ("Je pense que la famille est importante.", False),
        ("La familia es lo primero para mí.", False),
        ("Ja, das ist so, ich bin mir da sicher.", False),
        ("Rodzina jest najważniejsza.", False),
        ("家庭对我很重要。", False),
        ("Семья важнее всего.", False),
        ("العائلة أولا", False),
        ("Minulle perhe merkitsee eniten.", False),
    ],
)
def test_english_is_told_by_its_small_words(text: str, english: bool) -> None:
    assert is_english(text) is english


def test_the_person_whom_the_sentences_are_about_is_the_one_they_were_written_for() -> None:
    facts = {answer["item"]: answer["code"] for answer in PERSON}

    assert (facts["Q262"], facts["Q165"], facts["Q69"], facts["Q72"]) == (22, 2, 1, 4)


def test_most_contradictions_are_found_and_little_else_is_taken_for_one() -> None:
    """Sentences as people say them, two thirds written before the rules were tried on them and a third afterwards."""
    found = [sentence for sentence in AGAINST if find_contradicted(sentence, PERSON)]
    mistaken = [sentence for sentence in IN_LINE if find_contradicted(sentence, PERSON)]

    assert len(found) >= 0.85 * len(AGAINST), sorted(set(AGAINST) - set(found))
    assert len(mistaken) <= 0.1 * len(IN_LINE), mistaken


def test_the_persons_own_statements_contradict_nothing_and_other_options_do() -> None:
    items = [answer for answer in PERSON if len(answer["options"]) > 1][::6]
    other = {
        answer["item"]: next(option["code"] for option in answer["options"] if option["code"] != answer["code"])
        for answer in items
    }
    own = [answer["item"] for answer in items if find_contradicted(to_first(answer["statement"]), PERSON)]
    missed = [
        item
        for item, code in other.items()
        if item
        not in {PERSON[place]["item"] for place in find_contradicted(to_first(wvs7().items[item].tell(code)), PERSON)}
    ]

    assert len(items) > 35 and own == [] and len(missed) <= 1, missed


@pytest.mark.parametrize(
    "text",
    ["Are you 30 years old?", "My friends say one can trust everybody.", "", "Hm.", "You are 30.", "Your age is 30."],
)
def test_what_is_not_said_of_the_person_contradicts_nothing(text: str) -> None:
    assert find_contradicted(text, PROFILE) == []
