"""The choice of a person: a respondent, a text about somebody, or known answers; and what is known
of them.
"""

import secrets

from nicegui import ui
from nicegui.events import GenericEventArguments, ValueChangeEventArguments

from graph.persona.persona import Persona
from graph.serve.pages.elements import box, bullet_list, disclosure_panel, heading, text
from graph.serve.pages.error_messages import as_sentence
from graph.serve.pages.pasted_answers import parse_pasted_answers
from graph.serve.pages.visit import Visit
from graph.validation import PROFILE, TEXT
from survey.profile import single_line

KINDS = {"survey": "Respondent", "text": "Text about somebody", "answers": "Answers"}
HINTS = {
    "text": f"A biography or notes of an interview, up to {TEXT:,} characters. Each sentence "
    f"counts as known.",
    "answers": "One answer a line: the question, a colon, the answer. For example “How old are "
    "you?: 47”.",
}
NAME = 80
ROOM = PROFILE + 20_000
"""Characters that the browser lets in: more than is taken, so that too much is refused and not cut
off unseen.
"""


class PersonCard:
    """Choose whom to look at, and see what is known."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        with box("card", "section").props('aria-labelledby="person-title"'):
            heading("Person", 2).props("id=person-title")
            kind = "survey" if visit.row else "text"
            ui.radio(KINDS, value=kind, on_change=self._kind).props(
                'inline aria-label="Where the person comes from"'
            )
            with box("survey") as self.survey:
                self._respondents()
            with box("pasted") as self.pasted:
                self._paste()
            self._show(kind)
            self.known, self.lines = disclosure_panel("", "known")
            self.name = text("", "unseen").props("role=status")
            self.known.on("click", self._fill)
        visit.changed.append(self._met)
        self._met()

    def _respondents(self) -> None:
        """A list one can search, and somebody by chance."""
        people, row = self.visit.site.people, self.visit.row
        self.select = ui.select(
            people.find("", row or None),
            label="Respondent",
            value=row or None,
            with_input=True,
            on_change=self._choose,
        ).props("outlined dense input-debounce=150 options-dense")
        self.select.on("input-value", self._search)
        ui.button("By chance", icon="casino", on_click=self._chance).props("outline no-caps")
        text(f"From {people.source}. Search by number, sex, age or country.", "soft hint")

    def _paste(self) -> None:
        """A text area for either kind of text, and a name."""
        self.hint = text("", "soft hint").props("id=paste-hint")
        self.paste = ui.textarea("What is known").props(
            f'outlined maxlength={ROOM} input-style="min-height:7.5rem" aria-describedby=paste-hint'
        )
        with box("bar"):
            self.called = ui.input("Name, if you like").props(f"outlined dense maxlength={NAME}")
            ui.button("Use this person", on_click=self._use, color=None).props(
                "no-caps unelevated"
            ).classes("go")
        self.trouble = text("", "trouble").props("role=alert")

    def _kind(self, event: ValueChangeEventArguments[str]) -> None:
        self._show(event.value)

    def _show(self, kind: str) -> None:
        """The fields of this kind of person."""
        self.kind = kind
        self.survey.set_visibility(kind == "survey")
        self.pasted.set_visibility(kind != "survey")
        self.hint.text = HINTS.get(kind, "")
        self.trouble.text = ""

    def _search(self, event: GenericEventArguments) -> None:
        """List those who fit what is typed."""
        typed = str(event.args or "")
        if typed != self.visit.site.people.names[self.select.value - 1 if self.select.value else 0]:
            self.select.set_options(self.visit.site.people.find(typed, self.select.value))

    def _choose(self, event: ValueChangeEventArguments[int | None]) -> None:
        if event.value and event.value != self.visit.row:
            self.visit.meet(self.visit.site.respondent(event.value), event.value)

    def _chance(self) -> None:
        row = 1 + secrets.randbelow(len(self.visit.site.people.names))
        self.select.set_options(self.visit.site.people.find("", row), value=row)

    def _use(self) -> None:
        """Take the pasted text as a person."""
        given, name = (
            str(self.paste.value or ""),
            single_line(str(self.called.value or ""))[:NAME].strip(),
        )
        self.trouble.text = ""
        settings = self.visit.site.settings
        try:
            if self.kind == "text":
                persona = Persona.from_text(
                    given, name=name or "the person of your text", settings=settings
                )
            else:
                name = name or "the person of your answers"
                persona = Persona.from_profile(
                    parse_pasted_answers(given), name=name, settings=settings
                )
        except ValueError as error:
            self.trouble.text = as_sentence(str(error))
            return
        self.select.value = None
        self.visit.meet(persona)

    def _met(self) -> None:
        """Say who is there now."""
        persona = self.visit.persona
        self.name.text = f"Now before you: {persona.name}"
        self.known.text = f"What is known of {persona.name} ({len(persona.profile):,})"
        self.lines.clear()
        self.filled = False

    def _fill(self) -> None:
        """Write the lines when they are first looked at: hundreds of them would weigh on every
        visit.
        """
        if not self.filled:
            self.filled = True
            with self.lines:
                bullet_list(self.visit.persona.known)
