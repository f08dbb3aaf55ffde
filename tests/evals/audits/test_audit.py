"""The command `evals.audit`: what it writes and shows, and what it does when input, model or machine fail."""

import csv
import hashlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evals.run
from evals.audit import main
from graph.llm.offline import NOTICE
from survey.codebook import wvs7
from tests.evals.command import ROOT, Outcome, in_process
from tests.server import Server, error

Run = Callable[..., Outcome]
PAGE = ROOT / "docs" / "audit.md"
SHOWN = re.compile(r"(<!-- offline -->\n).*?(\n<!-- /offline -->)", re.DOTALL)


@pytest.fixture
def audit(capsys: pytest.CaptureFixture[str]) -> Run:
    """`evals.audit` in this process."""

    return in_process(main, capsys)


@pytest.fixture(scope="session")
def few(wave: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wave, of whose items all but these were asked of nobody."""
    asked = {
        f"Q{number}" for number in (*range(1, 7), *range(46, 51), 56, 69, 112, 164, 165, 167, 184, 240, 254, 262, 266)
    }
    with wave.open(newline="") as file:
        rows = list(csv.DictReader(file))
    items = {name for name in rows[0] if name in wvs7().items} - asked
    path = tmp_path_factory.mktemp("few") / "wave.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | dict.fromkeys(items, "-4") for row in rows)
    return path


@pytest.fixture
def two(audit: Run, few: Path) -> Run:
    """`evals.audit` on two people, into the directory `out`."""
    return lambda *arguments: audit("--data", few, "--respondents", 2, "--out", "out", *arguments)


@pytest.fixture
def of_file(audit: Run, few: Path) -> Run:
    """`evals.audit` on stories from a file, into the directory `out`."""

    def of_file(stories: dict[str, str], *arguments: object) -> Outcome:
        return audit("--data", few, "--stories", stories_file(stories), "--out", "out", *arguments)

    return of_file


@pytest.fixture(scope="session")
def past(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with two people and two folds."""
    folder = tmp_path_factory.mktemp("past") / "run"
    told = ("--graph", "valuesim", "--data", str(few), "--respondents", "2", "--folds", "1,2", "--out", str(folder))
    assert evals.run.main(told) == 0
    return folder


@pytest.fixture
def kept(past: Path) -> Path:
    """A copy of that run."""
    return Path(shutil.copytree(past, "run"))


def lines(folder: str, name: str = "audit.csv") -> list[dict[str, str]]:
    with Path(folder, name).open(newline="") as file:
        return list(csv.DictReader(file))


def outcome(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "audit.json").read_text())
    return found


def told(folder: str, stage: str = "before") -> dict[str, str]:
    """The stories of the first fold."""
    found: dict[str, str] = json.loads(Path(folder, "stories.json").read_text())[stage]["1"]
    return found


def shortened(stories: dict[str, str]) -> dict[str, str]:
    """The stories without every third sentence."""
    parts = {name: re.split(r"(?<=\.)\s+", story) for name, story in stories.items()}
    return {name: " ".join(part for place, part in enumerate(some) if place % 3) for name, some in parts.items()}


def stories_file(content: Any) -> str:
    Path("stories.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return "stories.json"


def test_stories_of_the_stand_in_keep_everything(two: Run) -> None:
    done = two()

    assert done.code == 0
    facts = lines("out")
    assert len({line["respondent"] for line in facts}) == 2 and len(facts) > 25
    assert {(line["verdict"], line["stage"], line["recall"]) for line in facts} == {("kept", "before", "")}
    assert all(line["evidence"] in told("out")[line["respondent"]] for line in facts)
    assert all(line["dimension"] == wvs7().items[line["item"]].dimension for line in facts)
    assert NOTICE in " ".join(done.err.split()) and outcome("out")["notice"] == NOTICE
    assert "offline stand-in" in done.out
    assert lines("out", "inventions.csv") == []


def test_what_is_shown_is_what_is_written(two: Run, of_file: Run) -> None:
    two("--out", "told")
    done = of_file(shortened(told("told")))

    facts, found = lines("out"), outcome("out")
    overall = next(line for line in found["rule"] if line["dimension"] == "overall")
    people = sorted({line["respondent"] for line in facts})
    for verdict in ("kept", "altered", "missing"):
        own = [
            sum(line["verdict"] == verdict for line in facts if line["respondent"] == one)
            / sum(line["respondent"] == one for line in facts)
            for one in people
        ]
        assert overall[verdict]["value"] == pytest.approx(sum(own) / len(own))
    assert 0.15 < overall["missing"]["value"] < 0.4 and overall["altered"]["value"] < 0.02
    shown = next(line for line in done.out.splitlines() if line.startswith("overall"))
    assert shown.split()[1] == str(len(facts)) and f"{overall['kept']['value']:.3f}"[1:] in shown
    assert sum(line["facts"] for line in found["rule"]) == 2 * len(facts)
    assert found["stories"]["before"]["stories"] == 2


def test_repair_puts_in_what_is_missing_and_audits_again(two: Run, of_file: Run) -> None:
    two("--out", "told")

    done = of_file(shortened(told("told")), "--repair")

    assert done.code == 0
    share = {line["stage"]: line["kept"]["value"] for line in outcome("out")["rule"] if line["dimension"] == "overall"}
    assert share["before"] < 0.75 and share["after"] == 1
    assert Counter(line["stage"] for line in lines("out")).keys() == {"before", "after"}
    for name, text in told("out", "after").items():
        assert text.startswith(told("out")[name])
        assert len(text) > len(told("out")[name])
    assert "Before repair: what stories say" in done.out and "After repair: what stories say" in done.out
    assert outcome("out")["usage"].keys() == {"audit/repair"}


def test_stories_from_a_file_are_asked_of_nobody(of_file: Run) -> None:
    done = of_file({"3": "Family is very important in your life. You own two dogs"})

    assert done.code == 0 and NOTICE not in " ".join(done.err.split())
    assert "notice" not in outcome("out") and outcome("out")["usage"] == {}
    assert {line["respondent"] for line in lines("out")} == {"3"}
    assert [line["words"] for line in lines("out", "inventions.csv")] == ["dogs"]
    assert outcome("out")["stories"]["before"]["cut_off"] == 1


def test_the_stories_of_a_run_are_taken_from_its_calls(audit: Run, kept: Path) -> None:
    done = audit("--run", kept, "--out", "out")

    assert done.code == 0
    facts = lines("out")
    assert {line["verdict"] for line in facts} == {"kept"} and {line["fold"] for line in facts} == {"1", "2"}
    assert outcome("out")["usage"] == {}
    with (kept / "respondents.csv").open() as file:
        assert {row["respondent"] for row in csv.DictReader(file)} == {line["respondent"] for line in facts}


def test_a_run_whose_calls_are_gone_is_refused(audit: Run, kept: Path) -> None:
    for path in kept.glob("calls.sqlite*"):
        path.unlink()

    refused = audit("--run", kept, "--out", "out")

    assert refused.code == 2 and "calls.sqlite is not there" in refused.last


def test_a_run_that_kept_other_stories_is_refused(audit: Run, kept: Path) -> None:
    config = json.loads((kept / "config.json").read_text())
    (kept / "config.json").write_text(json.dumps(config | {"temperature": 0.7}))

    refused = audit("--run", kept, "--out", "out")

    assert refused.code == 2 and "none of its stories is in its call store" in refused.last


def test_a_run_on_other_data_or_without_stories_is_refused(audit: Run, kept: Path, wave: Path) -> None:
    assert "on other data than wave.csv" in audit("--run", kept, "--data", wave).last
    config = json.loads((kept / "config.json").read_text())
    (kept / "config.json").write_text(json.dumps(config | {"without": ["story"]}))
    assert "that run told no stories" in audit("--run", kept).last


def recalling(prompt: str) -> str:
    """A story of its own for each profile, the first option for a question, and a mended story for each story."""
    mark = hashlib.sha256(prompt.encode()).hexdigest()[:8]
    if "writer of background stories" in prompt:
        return f"Family is very important in your life. You are {mark}."
    return f"You are mended as {mark}." if "You mend a background story" in prompt else "Answer: 1"


def test_a_model_tells_recalls_and_mends(two: Run, few: Path, server: Server) -> None:
    server.answer = recalling
    asking = ("--model", "openai:test", "--base-url", server.url, "--recall", "--repair")

    done = two(*asking)

    assert done.code == 0
    facts = [line for line in lines("out") if line["stage"] == "before"]
    codes = {(line["respondent"], line["item"]): line["recalled"] for line in facts}
    assert {line["recalled"] for line in facts if line["item"] != "Q266"} == {"1"}
    assert {line["recall"] for line in facts if line["item"] == "Q266"} == {"unread"}  # no country has the code 1
    with few.open(newline="") as file:
        people = list(csv.DictReader(file))
    for line in facts:
        answered = people[int(line["respondent"]) - 1][line["item"]]
        assert line["recall"] == ("unread" if line["item"] == "Q266" else "kept" if answered == "1" else "altered")
    assert outcome("out")["unread"] == 2 * sum(line["item"] == "Q266" for line in facts) and len(codes) == len(facts)
    asked = outcome("out")["usage"]
    assert asked["predict/story"]["calls"] == 2 and asked["audit/repair"]["calls"] == 2
    assert asked["audit/recall"]["calls"] == len(lines("out")) == 2 * len(facts)
    read = [line for line in lines("out") if line["recall"] != "unread"]
    agreed = sum(line["verdict"] == line["recall"] for line in read) / len(read)
    assert outcome("out")["agreement"] == pytest.approx(agreed)
    assert f"Rule and model agree on {agreed:.1%}" in done.out
    assert all(text.startswith("You are mended as ") for text in told("out", "after").values())

    sent, written = len(server.requests), Path("out/audit.csv").read_bytes()
    assert two(*asking).code == 0
    assert len(server.requests) == sent and Path("out/audit.csv").read_bytes() == written


def test_failed_calls_are_counted_and_asked_again(two: Run, server: Server) -> None:
    server.answer = recalling
    broken: list[str] = ["Do you yourself believe in hell?"]

    def fault(path: str, body: dict[str, Any]) -> Any:
        return error(400) if any(words in str(body) for words in broken) else None

    server.fault = fault
    asking = ("--model", "openai:test", "--base-url", server.url, "--recall")
    done = two(*asking)

    assert done.code == 3
    assert "incomplete" in done.out and outcome("out")["failed"] == {"http_400": 2}
    assert {line["recall"] for line in lines("out") if line["item"] == "Q167"} == {""}
    assert all(line["recall"] for line in lines("out") if line["item"] != "Q167")

    broken.clear()
    assert two(*asking).code == 0
    assert outcome("out")["complete"] is True


def test_a_story_that_could_not_be_told_is_left_out_and_counted(two: Run, server: Server) -> None:
    server.finish_reason = "length"

    done = two("--model", "openai:test", "--base-url", server.url)

    assert done.code == 3
    assert outcome("out")["failed"] == {"cut_off": 2} and lines("out") == []


def test_a_key_that_is_refused_stops_the_audit(two: Run, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "wrong-key")
    server.key = "right-key"

    refused = two("--model", "openai:test", "--base-url", server.url)

    assert refused.code == 2 and "refused the key" in refused.last and "wrong-key" not in refused.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "stories.json: "),
        ("[]", "texts by respondent are wanted"),
        ("{}", "texts by respondent are wanted"),
        ({"0": "x"}, "'0' is no row of wave.csv, which has 30"),
        ({"31": "x"}, "'31' is no row of wave.csv, which has 30"),
        ({"Ada": "x"}, "'Ada' is no row of wave.csv"),
        ({"1": ""}, "the story of respondent 1 is no text"),
        ({"1": ["x"]}, "the story of respondent 1 is no text"),
    ],
)
def test_stories_that_cannot_be_used(audit: Run, wave: Path, content: Any, message: str) -> None:
    refused = audit("--data", wave, "--stories", stories_file(content), "--out", "out")

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("evals.audit: ") and refused.err.count("\n") == 1 and message in refused.err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--stories none.json", "none.json: No such file"),
        ("--stories a --run b", "name two sources"),
        ("--run nowhere", "no config.json there"),
        ("--run nowhere --seed 3", "--seed: --run says which stories there are"),
        ("--stories a --respondents 3", "--respondents: --stories says"),
        ("--stories a --folds 1,2", "told from one fold"),
        ("--folds 9", "there are folds 1 to 5"),
        ("--graph rag", "--graph"),
        ("--colour", "--colour"),
        ("--respondents 0", "--respondents"),
        ("--model openai:test", "set OPENAI_API_KEY"),
        ("--prompts nowhere", "no such directory"),
        ("--data nowhere.csv", "no such file"),
    ],
)
def test_settings_that_cannot_be_used(audit: Run, flags: str, message: str) -> None:
    refused = audit(*flags.split())

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.count("\n") == 1 and message in refused.err
    assert not list(Path().iterdir())


def test_a_directory_of_another_audit_is_left_alone(two: Run) -> None:
    two()
    before = Path("out/audit.csv").read_bytes()

    refused = two("--seed", 7)

    assert (refused.code, refused.out) == (2, "")
    assert "seed (42 there, 7 now)" in refused.last and Path("out/audit.csv").read_bytes() == before


def test_the_directory_is_found_again_by_settings(audit: Run, few: Path) -> None:
    first, again = (audit("--data", few, "--respondents", 1) for _ in range(2))

    assert first.code == again.code == 0
    [folder] = Path("runs").iterdir()
    assert folder.name.startswith("audit-") and f"Written to runs/{folder.name}" in again.out


@pytest.mark.usefixtures("unset")
def test_settings_come_from_a_file_as_well(audit: Run, few: Path) -> None:
    Path("own.json").write_text(
        json.dumps({"data": str(few), "model": "offline", "respondents": 1, "repair": True, "out": "out"})
    )

    assert audit("--config", "own.json").code == 0
    assert {line["stage"] for line in lines("out")} == {"before", "after"}


def test_help_lists_the_flags(audit: Run) -> None:
    shown = audit("--help")

    assert shown.code == 0
    for flag in ("stories", "run", "recall", "repair", "data", "respondents", "folds", "model", "out"):
        assert f"  --{flag} " in shown.out, flag


def test_the_figures_of_the_stand_in_in_the_docs_are_those_measured(audit: Run) -> None:
    """`UPDATE_GOLDEN=1` writes them there."""
    audit("--respondents", 2, "--out", "told")
    audit("--stories", stories_file(shortened(told("told"))), "--repair", "--out", "out")
    rows = {line["stage"]: line for line in outcome("out")["rule"] if line["dimension"] == "overall"}
    cells = [[f"{rows[stage][verdict]['value']:.3f}" for verdict in ("kept", "altered", "missing")] for stage in rows]
    table = [f"| {stage} repair | {' | '.join(cell)} |" for stage, cell in zip(rows, cells, strict=True)]
    now = "\n".join(["| | kept | altered | missing |", "|---|---|---|---|", *table])
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(SHOWN.sub(lambda found: found[1] + now + found[2], page), encoding="utf-8")

    found = SHOWN.search(PAGE.read_text(encoding="utf-8"))
    assert found and now in found[0]
    assert [line["value"] for line in (row["kept"] for row in outcome("told")["rule"])] == [1] * 10


def test_other_stories_go_into_another_directory(of_file: Run) -> None:
    of_file({"3": "Family is very important in your life."})

    refused = of_file({"3": "Family is not important at all in your life."})

    assert (refused.code, refused.out) == (2, "") and "audit (" in refused.last


DOUBTED = "Family means little to you. You hold stern views on the manners of guests."


def judging(reply: str) -> Callable[[str], str]:
    """A model that judges so, and mends each story by one sentence that says what it was given to mend."""

    def answer(prompt: str) -> str:
        if "Points in doubt:" in prompt:
            return reply
        facts = prompt.partition("\nFacts:\n")[2].partition("\n\n")[0]
        return f"You were mended. {' '.join(line[2:].partition(' [options')[0] for line in facts.splitlines())}"

    return answer


def row_of_somebody(few: Path, item: str, code: str) -> str:
    """The row, from 1, of somebody who gave this answer."""
    with few.open(newline="") as file:
        return next(str(place) for place, row in enumerate(csv.DictReader(file), 1) if row[item] == code)


def test_a_model_judges_what_the_rules_are_unsure_of(of_file: Run, few: Path, server: Server) -> None:
    server.answer = judging('1: altered "means little"\n2: invented "hold stern views"')
    row = row_of_somebody(few, "Q1", "1")
    verifier = ("--verify", "openai:judge", "--verify-base-url", server.url)

    done = of_file({row: DOUBTED}, *verifier)

    assert done.code == 0
    [family] = [line for line in lines("out") if line["item"] == "Q1"]
    assert (family["verdict"], family["verified"], family["evidence"]) == ("altered", "True", "means little")
    assert [line["evidence"] for line in lines("out", "inventions.csv")] == [DOUBTED.partition(". ")[2]]
    assert lines("out", "possible_inventions.csv") == []
    assert outcome("out")["verify"] == {"model": "openai:judge", "judged": 2, "left": {}}
    assert outcome("out")["usage"]["audit/verify"]["calls"] == 1
    assert "openai:judge judged 2 points." in done.out and "by rule and verifier" in done.out

    sent = len(server.requests)
    assert of_file({row: DOUBTED}, *verifier).code == 0 and len(server.requests) == sent


def test_stories_of_a_run_are_judged_by_another_model_than_told_them(audit: Run, few: Path, server: Server) -> None:
    row = row_of_somebody(few, "Q1", "1")
    server.answer = lambda prompt: DOUBTED if prompt.startswith("You are a writer") else "Answer: 1"
    asked = ("--model", "openai:teller", "--base-url", server.url, "--data", few, "--respondents", 30, "--out", "told")
    assert evals.run.main([str(word) for word in ("--graph", "valuesim", *asked)]) == 0
    sent = len(server.requests)
    server.answer = judging('1: altered "means little"\n2: invented "hold stern views"')

    done = audit("--run", "told", "--verify", "openai:judge", "--verify-base-url", server.url, "--out", "out")

    assert done.code == 0
    [family] = [line for line in lines("out") if line["item"] == "Q1" and line["respondent"] == row]
    assert (family["verdict"], family["verified"], family["evidence"]) == ("altered", "True", "means little")
    assert outcome("out")["verify"]["model"] == "openai:judge"
    judged = {body["model"] for path, _, body in server.requests[sent:] if path.endswith("/chat/completions")}
    assert judged == {"judge"} and outcome("out")["usage"].keys() == {"audit/verify"}


def test_without_a_verifier_what_is_unsure_is_counted_apart(of_file: Run, few: Path) -> None:
    done = of_file({row_of_somebody(few, "Q1", "1"): DOUBTED})

    [family] = [line for line in lines("out") if line["item"] == "Q1"]
    assert (family["verdict"], family["stated"], family["verified"]) == ("unsure", "3", "")
    assert lines("out", "inventions.csv") == [] and len(lines("out", "possible_inventions.csv")) == 1
    overall = next(line for line in outcome("out")["rule"] if line["dimension"] == "overall")
    assert overall["unsure"]["value"] == pytest.approx(1 / overall["facts"]) and overall["altered"]["value"] == 0
    assert "unsure" in done.out and "verify" not in outcome("out")


@pytest.mark.parametrize(
    ("reply", "mended"), [('1: altered "means little"', True), ('1: kept "means little"', False), ("None.", False)]
)
def test_only_verified_facts_are_mended(of_file: Run, few: Path, server: Server, reply: str, mended: bool) -> None:
    server.answer = judging(reply)
    row = row_of_somebody(few, "Q1", "1")

    done = of_file({row: DOUBTED}, "--verify", "openai:judge", "--verify-base-url", server.url, "--repair")

    assert done.code == 0
    assert ("You consider family very important" in told("out", "after")[row]) == mended


def test_a_verifier_that_fails_leaves_all_unsure_and_is_asked_again(of_file: Run, few: Path, server: Server) -> None:
    server.answer = judging('1: altered "means little"\n2: kept "hold stern views"')
    broken = ["the guests of Pedro"]
    server.fault = lambda path, body: error(400) if any(words in str(body) for words in broken) else None
    with few.open(newline="") as file:
        first, second = [str(place) for place, row in enumerate(csv.DictReader(file), 1) if row["Q1"] == "1"][:2]
    stories = {first: DOUBTED, second: DOUBTED.replace("guests", "the guests of Pedro")}
    asking = ("--verify", "openai:judge", "--verify-base-url", server.url, "--concurrency", 1)

    done = of_file(stories, *asking)

    assert done.code == 3 and "incomplete" in done.out
    families = {line["respondent"]: line["verdict"] for line in lines("out") if line["item"] == "Q1"}
    assert families == {first: "altered", second: "unsure"}
    assert outcome("out")["verify"]["judged"] == 2
    [(reason, points)] = outcome("out")["verify"]["left"].items()
    assert reason == "the call failed (http_400)" and f"{points} the call failed (http_400)" in done.out

    broken.clear()
    assert of_file(stories, *asking).code == 0
    assert {line["verdict"] for line in lines("out") if line["item"] == "Q1"} == {"altered"}


def test_lines_that_prove_nothing_are_counted(of_file: Run, few: Path, server: Server) -> None:
    server.answer = judging('1: altered "not in the story at all"\nand the second is invented')

    of_file({row_of_somebody(few, "Q1", "1"): DOUBTED}, "--verify", "openai:judge", "--verify-base-url", server.url)

    left = outcome("out")["verify"]["left"]
    assert left == {"a quote that is not in the story": 1, "no verdict in the form asked for": 1}


def test_the_money_of_the_verifier_counts(of_file: Run, few: Path, server: Server) -> None:
    server.answer = judging("1: unsure")
    Path("prices.csv").write_text("model,prompt,cached,completion\njudge,1000000,0,1000000\n")
    row = row_of_somebody(few, "Q1", "1")
    verifier = ("--verify", "openai:judge", "--verify-base-url", server.url)

    unknown = of_file({row: DOUBTED}, *verifier, "--max-cost", "1")
    stopped = of_file({row: DOUBTED}, *verifier, "--max-cost", "1", "--prices", "prices.csv")

    assert (unknown.code, stopped.code) == (2, 2)
    assert "the price of openai:judge is not known" in unknown.last and "--max-cost" in stopped.last
    assert not [body for path, body in server.requests if "chat" in path]


def test_the_whole_audit_runs_offline(two: Run, of_file: Run) -> None:
    two("--out", "told")

    done = of_file(shortened(told("told")), "--verify", "offline", "--repair", "--recall")

    assert done.code == 0 and NOTICE in " ".join(done.err.split())
    assert Counter(line["stage"] for line in lines("out")).keys() == {"before", "after"}


def test_an_address_without_a_verifier_is_refused(audit: Run) -> None:
    refused = audit("--verify-base-url", "http://127.0.0.1:9/v1")

    assert refused.code == 2 and "name it with --verify" in refused.last


def test_an_address_with_a_password_is_refused_and_not_shown(of_file: Run) -> None:
    refused = of_file({"1": DOUBTED}, "--verify", "openai:judge", "--verify-base-url", "http://me:hush@127.0.0.1:9/v1")

    assert refused.code == 2 and "--verify-base-url" in refused.last and "hush" not in refused.err


def test_an_audit_of_chosen_people(two: Run, few: Path) -> None:
    with few.open(newline="") as file:
        devoted = {str(place) for place, person in enumerate(csv.DictReader(file), 1) if person["Q1"] == "1"}

    assert two("--where", "Q1=1").code == 0
    assert set(told("out")) < devoted and len(told("out")) == 2
    refused = two("--items", "2", "--out", "other")
    assert refused.code == 2 and "--items" in refused.last


def test_a_dear_audit_is_refused_unless_agreed_to_and_what_is_kept_costs_nothing(two: Run, server: Server) -> None:
    server.answer = lambda prompt: "You were born." if "writer of" in prompt else "Answer: 1"
    Path("prices.csv").write_text("model,prompt,cached,completion\ntest,1000,1000,1000\n")
    dear = ("--model", "openai:test", "--base-url", server.url, "--prices", "prices.csv", "--recall")

    told_before = two(*dear, "--dry-run")
    refused = two(*dear)

    assert told_before.code == 0 and "nothing was sent" in told_before.out and "US$" in told_before.out
    assert refused.code == 2 and "this may cost US$ " in refused.last and not Path("out").exists()
    assert not [body for path, _, body in server.requests if path.endswith("completions")]
    assert two(*dear, "--yes").code == 0
    count = len(server.requests)
    assert two(*dear).code == 0
    assert not [body for path, _, body in server.requests[count:] if path.endswith("completions")]
