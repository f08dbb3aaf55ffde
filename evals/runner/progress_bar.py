"""A progress bar whose columns and lines are worked out whenever it is drawn."""

from collections.abc import Callable, Iterable

from rich.console import RenderableType
from rich.progress import Progress, ProgressColumn, Task
from rich.text import Text


class TextFromCallback(ProgressColumn):
    """A column whose text a function returns whenever the bar is drawn, not with every row."""

    def __init__(self, text: Callable[[Task], str]) -> None:
        super().__init__()
        self._text = text

    def render(self, task: Task) -> Text:
        """Return the text as it is now."""
        return Text(self._text(task))


class BarWithLines(Progress):
    """A bar with lines of text below it, each cut at the width of the terminal."""

    lines: Callable[[], Iterable[str]] = tuple

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return the bar, then the lines as they are now."""
        yield from super().get_renderables()
        for line in self.lines():
            yield Text(line, style="dim", no_wrap=True, overflow="ellipsis")
