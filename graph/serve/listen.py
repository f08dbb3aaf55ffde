"""The socket that a server listens on."""

import os
import socket


def open_socket(host: str, port: int) -> socket.socket:
    """The socket to serve on. Raises OSError, one line, where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason: object = error
        if isinstance(error, OSError) and error.errno and error.errno > 0:
            reason = os.strerror(error.errno)
        raise OSError(
            f"cannot listen on {host}:{port}: {reason}; choose another with --host or --port"
        ) from None
