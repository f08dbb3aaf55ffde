"""The form in which a prompt wants its answer, as a grammar: a small model keeps to no form that
it is only told.
"""

import re

WANTED = re.compile(r"^Answer: \[", re.MULTILINE)
"""A line of a prompt that shows how the reply is to begin."""
FREE = re.compile(r"^Answer: \[one to three sentences\]$", re.MULTILINE)
"""The same line where the answer is wanted in words."""
OPTION = re.compile(r"^(\d{1,3}): ", re.MULTILINE)
"""A line of a prompt that offers an option by its number."""
LINE = "[^\\n\\[] [^\\n]*"
SENTENCES = "[^\\n\\[] [^\\n]{15,400}"


def answer_grammar(prompt: str) -> str:
    """The grammar (GBNF) of a reply with the number of one option, or an answer in words, and an
    analysis of one line.

    Empty where the prompt wants another form, or offers no options.
    """
    if FREE.search(prompt):
        return f'root ::= "Answer: " {SENTENCES} "\\nAnalysis: " {SENTENCES}'
    numbers = list(dict.fromkeys(OPTION.findall(prompt)))
    if not numbers or not WANTED.search(prompt):
        return ""
    chosen = " | ".join(f'"{number}"' for number in numbers)
    return f'root ::= "Answer: " ({chosen}) "\\nAnalysis: " {LINE}'
