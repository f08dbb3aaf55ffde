"""The page: sign-in and guard, and its parts: person, question, answer and conversation."""
