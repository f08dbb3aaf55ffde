"""Says in words which people and items a run asks."""

from evals.harness.selection_settings import SelectionSettings


def describe_draw(settings: SelectionSettings, count: int) -> str:
    """Say how so many people were chosen."""
    if settings.rows is not None:
        words = f"{count} of a list"
    else:
        words = f"{count} drawn with seed {settings.draw_seed}"
    if settings.where:
        words += f" of those with {' and '.join(settings.where)}"
    if settings.balance:
        words += f", in equal numbers by {settings.balance}"
    return words


def describe_items(settings: SelectionSettings) -> str:
    """Say which of the held-out items are asked; "" where all are."""
    if settings.items_drawn:
        return f"up to {settings.items_drawn} held-out items drawn for each person"
    return ", ".join(settings.items)
