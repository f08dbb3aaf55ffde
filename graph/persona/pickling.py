"""Whether the settings of a simulated person can travel to another process."""

import pickle

from survey.profile import single_line


def check_picklable(name: str, model: object) -> None:
    """Raise PicklingError, one line, for a model object that cannot be pickled."""
    try:
        pickle.dumps(model)
    except Exception as error:  # each part of a client raises a kind of its own
        kind, why = type(model).__name__, single_line(str(error))
        raise pickle.PicklingError(
            f"settings: {name}, a {kind}, cannot be pickled ({why}); give a name such as "
            f"openai:NAME instead"
        ) from error
