"""How a reply is read: its plain text, the marks of its answer, and the options it names."""
