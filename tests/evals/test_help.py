"""The help of the command: every flag, at once, without loading what runs."""

from collections.abc import Callable

from tests.evals.command import Outcome, tried

FLAGS = """
    graph data respondents seed folds model base-url embeddings embeddings-base-url temperature concurrency out without
    integrate protocol profile-size top-k prompts config paper retry-failed timeout max-tokens request
""".split()  # noqa: SIM905  # a list of words reads better than a list of strings
HEAVY = {"langgraph", "langchain_core", "langchain_openai", "pandas", "numpy", "faiss", "openai", "rich"}


def test_help_lists_every_flag_with_what_it_does(run: Callable[..., Outcome]) -> None:
    shown = run("--help")

    assert (shown.code, shown.err) == (0, "")
    listed = {line.split()[0]: line for line in shown.out.splitlines() if line.startswith("  --")}
    assert {f"--{name}" for name in FLAGS} <= set(listed)
    assert len(listed) <= 36
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    words = " ".join(shown.out.split())
    for told in (
        "(default: valuesim,full_info,rag)",
        "(default: 10)",
        "(default: 42)",
        "(default: offline)",
        "story|cab|cognitive|affective|behavioral",
        "on_disagreement|always|average",
        "fair|published",
    ):
        assert told in words


def test_help_and_wrong_flags_load_nothing_heavy() -> None:
    ends, loaded, _ = tried("evals.run", ["--help"], ["--colour"], ["--respondents", "0"])

    assert ends == ["exit 0", "exit 2", "returned 2"]
    assert not HEAVY & loaded
