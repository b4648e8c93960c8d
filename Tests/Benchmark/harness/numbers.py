"""Numbers on the command line."""


def positive(text: str) -> int:
    """Such as 1000, 1_000 or 1,000."""
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise ValueError(text)
    return number
