"""What a chat model that keeps replies can do besides: all that the nodes know of a call store."""

from abc import abstractmethod

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage


class CachingChatModel(BaseChatModel):
    """A chat model that checks each reply, keeps it, and returns it again for the same request."""

    @abstractmethod
    def forget(self, message: AIMessage, kind: str) -> None:
        """Ask again for a reply that turned out to be of no use, the next time it is wanted.

        `kind` is the error code under which the reply counts as failed.
        """
