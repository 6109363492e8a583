"""What can go wrong. A page never does: what cannot be read of one is in its status and reason."""

from __future__ import annotations


class Error(Exception):
    """Whatever dechaff raises. `reason` says what went wrong, `path` names the file or folder at fault, if there is one."""

    def __init__(self, reason: str, path: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def __reduce__(self):
        return (type(self), (self.reason, self.path))


class SettingError(Error, ValueError):
    """A setting has a name or a value that it cannot have."""


class RulesError(Error, ValueError):
    """Rule files hold mistakes: all of them, each with its place."""


class FolderError(Error, OSError):
    """A file or folder cannot be read or written."""

    def __str__(self) -> str:
        return self.reason
