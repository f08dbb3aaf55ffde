"""The card of the person: a respondent, a text or pasted answers, and what is known of them."""

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
LONGEST_NAME = 80
INPUT_LIMIT = PROFILE + 20_000
"""Characters that the browser takes: more than a profile may hold, which then refuses too much."""


class PersonCard:
    """Choose a person, and see what is known of them."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        with box("card", "section").props('aria-labelledby="person-title"'):
            heading("Person", 2).props("id=person-title")
            kind = "survey" if visit.row else "text"
            ui.radio(KINDS, value=kind, on_change=self._on_kind).props(
                'inline aria-label="Where the person comes from"'
            )
            with box("survey") as self.survey:
                self._draw_respondents()
            with box("pasted") as self.pasted:
                self._draw_paste()
            self._show(kind)
            self.known, self.lines = disclosure_panel("", "known")
            self.name = text("", "unseen").props("role=status")
            self.known.on("click", self._fill_known)
        visit.person_listeners.append(self._on_person_changed)
        self._on_person_changed()

    def _draw_respondents(self) -> None:
        """The list of respondents with its search, and the button that takes one at random."""
        people, row = self.visit.site.people, self.visit.row
        self.select = ui.select(
            people.find("", row or None),
            label="Respondent",
            value=row or None,
            with_input=True,
            on_change=self._on_choice,
        ).props("outlined dense input-debounce=150 options-dense")
        self.select.on("input-value", self._on_search)
        ui.button("By chance", icon="casino", on_click=self._choose_at_random).props(
            "outline no-caps"
        )
        text(f"From {people.source}. Search by number, sex, age or country.", "soft hint")

    def _draw_paste(self) -> None:
        """The text area for a text or answers, and the field for a name."""
        self.hint = text("", "soft hint").props("id=paste-hint")
        self.paste = ui.textarea("What is known").props(
            f"outlined maxlength={INPUT_LIMIT} "
            'input-style="min-height:7.5rem" aria-describedby=paste-hint'
        )
        with box("bar"):
            self.given_name = ui.input("Name, if you like").props(
                f"outlined dense maxlength={LONGEST_NAME}"
            )
            ui.button("Use this person", on_click=self._use_pasted, color=None).props(
                "no-caps unelevated"
            ).classes("go")
        self.error = text("", "trouble").props("role=alert")

    def _on_kind(self, event: ValueChangeEventArguments[str]) -> None:
        self._show(event.value)

    def _show(self, kind: str) -> None:
        """The fields of this kind of person."""
        self.kind = kind
        self.survey.set_visibility(kind == "survey")
        self.pasted.set_visibility(kind != "survey")
        self.hint.text = HINTS.get(kind, "")
        self.error.text = ""

    def _on_search(self, event: GenericEventArguments) -> None:
        """List those who fit what is typed."""
        typed = str(event.args or "")
        chosen = self.select.value - 1 if self.select.value else 0
        if typed != self.visit.site.people.names[chosen]:
            self.select.set_options(self.visit.site.people.find(typed, self.select.value))

    def _on_choice(self, event: ValueChangeEventArguments[int | None]) -> None:
        if event.value and event.value != self.visit.row:
            self.visit.change_person(self.visit.site.respondent(event.value), event.value)

    def _choose_at_random(self) -> None:
        row = 1 + secrets.randbelow(len(self.visit.site.people.names))
        self.select.set_options(self.visit.site.people.find("", row), value=row)

    def _use_pasted(self) -> None:
        """Take the pasted text as a person."""
        given = str(self.paste.value or "")
        name = single_line(str(self.given_name.value or ""))[:LONGEST_NAME].strip()
        self.error.text = ""
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
            self.error.text = as_sentence(str(error))
            return
        self.select.value = None
        self.visit.change_person(persona)

    def _on_person_changed(self) -> None:
        """Name the person, and empty the list of what is known."""
        persona = self.visit.persona
        self.name.text = f"Now before you: {persona.name}"
        self.known.text = f"What is known of {persona.name} ({len(persona.profile):,})"
        self.lines.clear()
        self.is_filled = False

    def _fill_known(self) -> None:
        """Write the known answers when the list first opens; they are hundreds of lines."""
        if not self.is_filled:
            self.is_filled = True
            with self.lines:
                bullet_list(self.visit.persona.known)
