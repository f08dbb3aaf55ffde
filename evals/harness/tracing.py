"""Switches off LangSmith tracing, which would send every prompt, and so the rows of a survey."""

import os
import sys

SWITCHES = (
    "LANGSMITH_TRACING",
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING",
    "LANGCHAIN_TRACING_V2",
)
OFF = {"", "0", "false", "no", "off"}


def switch_tracing_off() -> str:
    """Switch tracing off for this process. Returns a line that says so, "" where it was off."""
    on = [name for name in SWITCHES if os.environ.get(name, "").strip().lower() not in OFF]
    if not on:
        return ""
    for name in SWITCHES:
        os.environ[name] = "false"
    if module := sys.modules.get("langsmith.utils"):
        module.get_env_var.cache_clear()  # it reads the environment once
    return (
        f"Tracing ({', '.join(on)}) is off: it would send every prompt, and so the survey's rows; "
        f"--trace keeps it on."
    )
