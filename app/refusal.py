"""What a rule of Binôme refuses, apart from the pages that say it: the processes that draw know nothing of those."""


class DomainError(Exception):
    """A rule of Binôme refuses; `str()` is the sentence that the person reads, at the field of this name if there is one."""

    field = ""
