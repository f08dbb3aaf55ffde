"""Settings from the command line, from files and from the environment."""
